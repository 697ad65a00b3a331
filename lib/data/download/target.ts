/** What lies where a download is to go. */
import { createHash } from "node:crypto";
import { lstat, open, stat, utimes } from "node:fs/promises";
import { checkFilePlace, checksumOf, realPlace } from "../../files";
import type { DownloadSettings } from "./options";

/** Whether `output` is a folder, or by its last character is to be one. */
export async function isFolder(output: string): Promise<boolean> {
  if (/[/\\]$/.test(output)) return true;
  return (await stat(output).catch(() => undefined))?.isDirectory() ?? false;
}

/** Whether there is a file. */
export async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() ?? false;
}

/**
 * Where a file of this name is written: behind a symbolic link, the file that it leads to.
 *
 * @throws InvalidArgumentError when something else than a file is there, a folder or a device.
 */
export async function placeOf(target: string): Promise<string> {
  checkFilePlace("output", target);
  const there = await lstat(target).catch(() => undefined);
  return there?.isSymbolicLink() ? realPlace(target) : target;
}

/** The first hash of the file that differs from what is expected. */
export async function wrongHash(
  file: string,
  hashes: DownloadSettings["hashes"],
): Promise<{ algorithm: string; expected: string; actual: string } | undefined> {
  for (const { algorithm, expected } of hashes) {
    const actual = await checksumOf(file, algorithm);
    if (actual !== expected) return { algorithm, expected, actual };
  }
  return undefined;
}

/** Whether two files hold the same bytes. */
export async function isSame(file: string, other: string): Promise<boolean> {
  const [one, two] = await Promise.all([stat(file), stat(other)]);
  if (one.size !== two.size) return false;
  return (await checksumOf(file, "sha256")) === (await checksumOf(other, "sha256"));
}

/** The first bytes of a file. */
export async function beginningOf(file: string, length: number): Promise<Buffer> {
  const handle = await open(file, "r");
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/**
 * Marks a file as what came from an address, in its time: the seconds are the server's Last-Modified, as curl and wget set
 * them, or now; what is below a second follows from address, length and second. So a later run knows the file again, and
 * that nobody has written to it since, and nothing has to be kept beside it.
 */
export async function mark(
  file: string,
  { identity, lastModified }: { identity: string; lastModified: string | null },
): Promise<void> {
  const { size } = await stat(file);
  const seconds = secondsOf(lastModified) ?? Math.floor(Date.now() / 1000);
  const micros = microsOf(identity, { size, seconds });
  // Where the disk doesn't take it, a later run compares the bytes.
  await utimes(file, new Date(), seconds + (micros + 0.5) / 1e6).catch(() => undefined);
}

/** The length and Last-Modified, in seconds, of a file that came from this address; undefined for any other file. */
export async function markedAs(
  file: string,
  identity: string,
): Promise<{ size: number; seconds: number } | undefined> {
  const { mtimeNs, size: length } = await stat(file, { bigint: true });
  const size = Number(length);
  const seconds = Number(mtimeNs / 1_000_000_000n);
  const micros = Number((mtimeNs % 1_000_000_000n) / 1000n);
  return micros === microsOf(identity, { size, seconds }) ? { size, seconds } : undefined;
}

/** A `Last-Modified` header in seconds; undefined when it makes no sense. */
export function secondsOf(lastModified: string | null): number | undefined {
  const seconds = Math.floor(Date.parse(lastModified ?? "") / 1000);
  return seconds >= 0 ? seconds : undefined;
}

function microsOf(identity: string, { size, seconds }: { size: number; seconds: number }): number {
  const hash = createHash("sha256").update(`${identity} ${size} ${seconds}`).digest();
  return hash.readUInt32BE(0) % 1_000_000;
}
