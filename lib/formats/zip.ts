/** Reads zip archives: photographs by the thousand, `.keras` files, `.npz` files. */
import { open } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { crc32, inflateRaw, type ZlibOptions } from "node:zlib";
import { type Entry, fromBufferPromise, fromRandomAccessReaderPromise, type ZipFile } from "yauzl";
import { ConvnetsError } from "../errors";
import { WindowReader } from "./windowReader";

const inflate = promisify<Buffer, ZlibOptions, Buffer>(inflateRaw);

/** One file of an archive, as the archive's directory describes it. */
export type ZipEntry = Entry;

/** The bytes of a small file in one piece, of a large one as a stream. */
export type Chunks = readonly [Buffer] | AsyncIterable<Buffer>;

/** An open archive. Its errors say what is wrong with it, and not which file it is: that is the caller's to add. */
export interface Zip {
  /** Its own size in bytes. */
  size: number;
  /** What its directory lists; can be asked for once. Names that lead out of a folder are an error. */
  entries(): AsyncIterable<ZipEntry>;
  /** The bytes of an entry, decompressed; no more than the archive says there are. Its checksum is not looked at. */
  contents(entry: ZipEntry): Promise<Chunks>;
  /** Closes the file; what is read from bytes holds none. */
  close(): Promise<void>;
}

/**
 * Opens a zip archive, Zip64 included.
 *
 * @param source Its path, or its bytes.
 * @param options.strictNames Refuses names with backslashes, instead of reading them as slashes. @default false
 */
export async function openZip(
  source: string | Buffer,
  { strictNames = false }: { strictNames?: boolean } = {},
): Promise<Zip> {
  const options = { autoClose: false, lazyEntries: true, strictFileNames: strictNames };
  if (typeof source !== "string") {
    const zip = await fromBufferPromise(source, options);
    const contents = (entry: ZipEntry) => zip.openReadStreamPromise(entry);
    const close = async () => zip.close();
    return { size: source.length, entries: () => zip.eachEntry(), contents, close };
  }
  const handle = await open(source, "r");
  try {
    const { size } = await handle.stat();
    const reader = new WindowReader(source, handle);
    const zip = await fromRandomAccessReaderPromise(reader, size, options);
    const close = () => {
      zip.close();
      return handle.close();
    };
    return {
      size,
      entries: () => zip.eachEntry(),
      contents: (entry) => contents(zip, reader, entry),
      close,
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * Reads an entry whole.
 *
 * @returns As many bytes as the archive declares.
 * @throws When there are more or fewer, and when the entry is encrypted or compressed by an unknown method.
 */
export async function readEntry(zip: Zip, entry: ZipEntry): Promise<Buffer> {
  const chunks = await zip.contents(entry);
  const bytes = "length" in chunks ? chunks[0] : await buffer(chunks);
  const declared = entry.uncompressedSize;
  if (bytes.length !== declared) {
    throw new ConvnetsError(`"${entry.fileName}" doesn't hold the ${declared} bytes it declares`);
  }
  return bytes;
}

/** Whether these bytes have the checksum that the archive declares for an entry. */
export function matchesChecksum(entry: ZipEntry, bytes: Uint8Array): boolean {
  return crc32(bytes) === entry.crc32;
}

/** Sizes up to which a file is read in one piece, not through a stream. */
const SMALL_COMPRESSED_BYTES = 256 << 10;
const SMALL_BYTES = 8 << 20;

async function contents(zip: ZipFile, reader: WindowReader, entry: ZipEntry): Promise<Chunks> {
  const isSmall =
    entry.compressedSize <= SMALL_COMPRESSED_BYTES && entry.uncompressedSize <= SMALL_BYTES;
  // What can't be decoded is refused where a stream would be opened, with the reason.
  if (!isSmall || !entry.canDecodeFileData()) return zip.openReadStreamPromise(entry);
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
  const compressed = Buffer.allocUnsafe(entry.compressedSize);
  await reader.readExactly(compressed, fileDataStart);
  if (entry.compressionMethod === 0) return [compressed];
  // One byte more than declared is enough to see that the archive lies.
  return [await inflate(compressed, { maxOutputLength: entry.uncompressedSize + 1 })];
}
