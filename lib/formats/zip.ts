/** Reads zip archives: photographs by the thousand, `.keras` files, `.npz` files. */
import { open } from "node:fs/promises";
import { promisify } from "node:util";
import { crc32, inflateRaw, type ZlibOptions } from "node:zlib";
import { type Entry, fromBufferPromise, fromRandomAccessReaderPromise, type ZipFile } from "yauzl";
import { ConvnetsError } from "../errors";
import { WindowReader } from "./windowReader";
import { zipBounds } from "./zipBounds";
import { type NameDecoder, nameOf } from "./zipNames";

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
 * Opens a zip archive, Zip64 included, also one with other bytes before or after it.
 *
 * @param source Its path, or its bytes.
 * @param options.strictNames Refuses names with backslashes, instead of reading them as slashes. @default false
 * @param options.decodeName Reads names that the archive doesn't say the encoding of. @default UTF-8 or code page 437
 */
export async function openZip(
  source: string | Buffer,
  { strictNames = false, decodeName }: { strictNames?: boolean; decodeName?: NameDecoder } = {},
): Promise<Zip> {
  const options = { autoClose: false, lazyEntries: true, decodeStrings: false };
  const naming = { decode: decodeName, strict: strictNames };
  if (typeof source !== "string") {
    const { start, end } = await zipBounds(
      async (position, length) => source.subarray(position, position + length),
      source.length,
    );
    const zip = await fromBufferPromise(source.subarray(start, end), options);
    const contents = async (entry: ZipEntry) => {
      await dataStart(zip, entry);
      return zip.openReadStreamPromise(entry);
    };
    const close = async () => zip.close();
    return { size: source.length, entries: () => namedEntries(zip, naming), contents, close };
  }
  const handle = await open(source, "r");
  try {
    const { size } = await handle.stat();
    const { start, end } = await zipBounds(async (position, length) => {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
      return buffer.subarray(0, bytesRead);
    }, size);
    const reader = new WindowReader(source, { handle, start });
    const zip = await fromRandomAccessReaderPromise(reader, end - start, options);
    const close = () => {
      zip.close();
      return handle.close();
    };
    return {
      size,
      entries: () => namedEntries(zip, naming),
      contents: (entry) => contents(zip, reader, entry),
      close,
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function* namedEntries(
  zip: ZipFile,
  naming: Parameters<typeof nameOf>[1],
): AsyncGenerator<ZipEntry> {
  for await (const entry of zip.eachEntry()) {
    entry.fileName = nameOf(entry, naming);
    yield entry;
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
  const bytes = "length" in chunks ? chunks[0] : await inOnePiece(chunks);
  const declared = entry.uncompressedSize;
  if (bytes.length !== declared) {
    throw new ConvnetsError(`"${entry.fileName}" doesn't hold the ${declared} bytes it declares`);
  }
  return bytes;
}

/** What Node's own `buffer` does, which copies all bytes once more on their way through a Blob. */
async function inOnePiece(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** Whether these bytes have the checksum that the archive declares for an entry. */
export function matchesChecksum(entry: ZipEntry, bytes: Uint8Array): boolean {
  return crc32(bytes) === entry.crc32;
}

/**
 * Where an entry's bytes start.
 *
 * A name has no checksum, but stands in two places: in the directory and in front of the bytes. As in Python, they must agree.
 */
async function dataStart(zip: ZipFile, entry: ZipEntry): Promise<number> {
  const { fileName, fileDataStart } = await zip.readLocalFileHeaderPromise(entry);
  if (fileName.equals(entry.fileNameRaw)) return fileDataStart;
  throw new ConvnetsError(`"${entry.fileName}" has another name in front of its bytes`);
}

/** Sizes up to which a file is read in one piece, not through a stream. */
const SMALL_COMPRESSED_BYTES = 256 << 10;
const SMALL_BYTES = 8 << 20;

async function contents(zip: ZipFile, reader: WindowReader, entry: ZipEntry): Promise<Chunks> {
  const isSmall =
    entry.compressedSize <= SMALL_COMPRESSED_BYTES && entry.uncompressedSize <= SMALL_BYTES;
  // What can't be decoded is refused where a stream would be opened, with the reason.
  if (!isSmall || !entry.canDecodeFileData()) {
    await dataStart(zip, entry);
    return zip.openReadStreamPromise(entry);
  }
  const compressed = Buffer.allocUnsafe(entry.compressedSize);
  await reader.readExactly(compressed, await dataStart(zip, entry));
  if (entry.compressionMethod === 0) return [compressed];
  // One byte more than declared is enough to see that the archive lies.
  return [await inflate(compressed, { maxOutputLength: entry.uncompressedSize + 1 })];
}
