/**
 * The zip that a `.keras` file is: `metadata.json`, `config.json`, `model.weights.h5`, stored uncompressed.
 *
 * Nothing is ever unpacked to disk, so a member's path can lead nowhere.
 *
 * @see https://keras.io/guides/serialization_and_saving/
 */
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import zlib from "node:zlib";
import yauzl from "yauzl";
import yazl from "yazl";
import { ModelFileError } from "./json";

/** The members that matter. */
export interface KerasArchive {
  config: string;
  metadata: string;
  weights: Uint8Array;
}

const memberNames = {
  "config.json": "config",
  "metadata.json": "metadata",
  "model.weights.h5": "weights",
} as const;

/** JSON beyond this is no model's description. */
const maxJsonBytes = 256 * 2 ** 20;
/** Keras stores its members as they are; deflate reaches about 1000:1, honest weights about 2:1. */
const maxExpansion = 100;
const smallBytes = 2 ** 20;

/**
 * Reads the members of a `.keras` file.
 *
 * @throws ModelFileError when it is no zip, a member is missing or damaged, or one would expand absurdly.
 */
export async function readArchive(path: string): Promise<KerasArchive> {
  const found: { config?: string; metadata?: string; weights?: Uint8Array } = {};
  let zip: yauzl.ZipFile | undefined;
  try {
    zip = await openZip(path);
    for await (const entry of entries(zip)) {
      if (!Object.hasOwn(memberNames, entry.fileName)) continue;
      const name = memberNames[entry.fileName as keyof typeof memberNames];
      if (found[name] !== undefined) {
        throw new ModelFileError(`holds "${entry.fileName}" twice`);
      }
      const bytes = await readMember(zip, entry);
      if (name === "weights") found.weights = bytes;
      else found[name] = bytes.toString("utf8");
    }
  } catch (cause) {
    if (cause instanceof ModelFileError || (cause as NodeJS.ErrnoException).code === "ENOENT") {
      throw cause;
    }
    throw new ModelFileError(`is not a readable .keras file: ${(cause as Error).message}`, {
      cause,
    });
  } finally {
    zip?.close();
  }
  const { config, metadata = "{}", weights } = found;
  if (config === undefined || weights === undefined) {
    throw new ModelFileError(
      `is a zip, but not a .keras file: it has no "${config === undefined ? "config.json" : "model.weights.h5"}"`,
    );
  }
  return { config, metadata, weights };
}

/** Writes a `.keras` file to `path`, which should be a temporary name. */
export async function writeArchive(path: string, archive: KerasArchive): Promise<void> {
  const zip = new yazl.ZipFile();
  const stored = { compress: false };
  zip.addBuffer(Buffer.from(archive.metadata), "metadata.json", stored);
  zip.addBuffer(Buffer.from(archive.config), "config.json", stored);
  const { buffer, byteOffset, byteLength } = archive.weights;
  zip.addBuffer(Buffer.from(buffer, byteOffset, byteLength), "model.weights.h5", stored);
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}

function openZip(path: string): Promise<yauzl.ZipFile> {
  return new Promise((resolve, reject) => {
    yauzl.open(
      path,
      { lazyEntries: true, autoClose: false, strictFileNames: true },
      (error, zip) => (error ? reject(error) : resolve(zip)),
    );
  });
}

async function* entries(zip: yauzl.ZipFile): AsyncGenerator<yauzl.Entry> {
  for (;;) {
    const entry = await new Promise<yauzl.Entry | undefined>((resolve, reject) => {
      zip.once("entry", resolve);
      zip.once("end", () => resolve(undefined));
      zip.once("error", reject);
      zip.readEntry();
    });
    zip.removeAllListeners();
    if (entry === undefined) return;
    yield entry;
  }
}

async function readMember(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<Buffer> {
  const { fileName, uncompressedSize, compressedSize } = entry;
  const limit = fileName.endsWith(".json") ? maxJsonBytes : Number.MAX_SAFE_INTEGER;
  const expands = uncompressedSize > smallBytes && uncompressedSize > maxExpansion * compressedSize;
  if (uncompressedSize > limit || expands) {
    throw new ModelFileError(
      `holds "${fileName}", which would expand from ${compressedSize} to ${uncompressedSize} bytes; that is no model`,
    );
  }
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    zip.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer); // yauzl stops at uncompressedSize
  const bytes = Buffer.concat(chunks);
  if (zlib.crc32(bytes) !== entry.crc32) {
    throw new ModelFileError(`is damaged: "${fileName}" doesn't match its checksum`);
  }
  return bytes;
}
