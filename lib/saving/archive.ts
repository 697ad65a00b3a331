/**
 * The zip that a `.keras` file is: `metadata.json`, `config.json`, `model.weights.h5`, stored uncompressed.
 *
 * Nothing is ever unpacked to disk, so a member's path can lead nowhere.
 *
 * @see https://keras.io/guides/serialization_and_saving/
 */
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import yazl from "yazl";
import { matchesChecksum, openZip, readEntry, type Zip, type ZipEntry } from "../formats";
import { ModelFileError } from "./json";

/** The members that matter. */
export interface KerasArchive {
  config: string;
  metadata: string;
  weights: Uint8Array;
  /** Lists of words or numbers, by the names of their members. */
  lists: ReadonlyMap<string, string>;
}

const memberNames = {
  "config.json": "config",
  "metadata.json": "metadata",
  "model.weights.h5": "weights",
} as const;

/** Text beyond this is no model's description. */
const maxTextBytes = 256 * 2 ** 20;
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
  const lists = new Map<string, string>();
  let zip: Zip | undefined;
  try {
    zip = await openZip(path, { strictNames: true });
    for await (const entry of zip.entries()) {
      if (/^assets\/.*\/vocabulary\.txt$/.test(entry.fileName)) {
        lists.set(entry.fileName, (await readMember(zip, entry)).toString("utf8"));
      }
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
    await zip?.close();
  }
  const { config, metadata = "{}", weights } = found;
  if (config === undefined || weights === undefined) {
    throw new ModelFileError(
      `is a zip, but not a .keras file: it has no "${config === undefined ? "config.json" : "model.weights.h5"}"`,
    );
  }
  return { config, metadata, weights, lists };
}

/** Writes a `.keras` file to `path`, which should be a temporary name. */
export async function writeArchive(
  path: string,
  archive: Omit<KerasArchive, "lists">,
): Promise<void> {
  const zip = new yazl.ZipFile();
  const stored = { compress: false };
  zip.addBuffer(Buffer.from(archive.metadata), "metadata.json", stored);
  zip.addBuffer(Buffer.from(archive.config), "config.json", stored);
  const { buffer, byteOffset, byteLength } = archive.weights;
  zip.addBuffer(Buffer.from(buffer, byteOffset, byteLength), "model.weights.h5", stored);
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}

async function readMember(zip: Zip, entry: ZipEntry): Promise<Buffer> {
  const { fileName, uncompressedSize, compressedSize } = entry;
  const limit = /\.(json|txt)$/.test(fileName) ? maxTextBytes : Number.MAX_SAFE_INTEGER;
  const expands = uncompressedSize > smallBytes && uncompressedSize > maxExpansion * compressedSize;
  if (uncompressedSize > limit || expands) {
    throw new ModelFileError(
      `holds "${fileName}", which would expand from ${compressedSize} to ${uncompressedSize} bytes; that is no model`,
    );
  }
  const bytes = await readEntry(zip, entry);
  if (!matchesChecksum(entry, bytes)) {
    throw new ModelFileError(`is damaged: "${fileName}" doesn't match its checksum`);
  }
  return bytes;
}
