/** The members of a `.keras` file, changed one by one; checksums are made anew. */
import { buffer } from "node:stream/consumers";
import { fromBufferPromise } from "yauzl";
import yazl from "yazl";

const DESCRIPTION = "config.json";
const WEIGHTS = "model.weights.h5";

async function membersOf(archive: Buffer): Promise<Map<string, Buffer>> {
  const zip = await fromBufferPromise(archive, { lazyEntries: true });
  const members = new Map<string, Buffer>();
  for await (const entry of zip.eachEntry()) {
    members.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
  }
  return members;
}

function archiveOf(members: ReadonlyMap<string, Buffer>): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [name, bytes] of members) zip.addBuffer(bytes, name, { compress: false });
  zip.end();
  return buffer(zip.outputStream as NodeJS.ReadableStream);
}

/** The description of the model in a `.keras` file. */
export async function readDescription(archive: Buffer): Promise<string> {
  return (await membersOf(archive)).get(DESCRIPTION)!.toString();
}

/** The file with another description. */
export async function withDescription(archive: Buffer, text: string): Promise<Buffer> {
  return archiveOf((await membersOf(archive)).set(DESCRIPTION, Buffer.from(text)));
}

/** The file with other weights. */
export async function withWeights(
  archive: Buffer,
  change: (weights: Buffer) => Buffer,
): Promise<Buffer> {
  const members = await membersOf(archive);
  return archiveOf(members.set(WEIGHTS, change(members.get(WEIGHTS)!)));
}
