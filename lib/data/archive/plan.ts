/** Decides what an archive may write, before anything is written. */
import { lstat } from "node:fs/promises";
import path from "node:path";
import type { ZipEntry } from "../../formats";
import { formatBytes } from "../../text";
import type { Archive } from "./archive";
import { ArchiveError } from "./errors";

/** One file to write. */
export interface PlannedFile {
  entry: ZipEntry;
  /** Path below the target folder: plain names between `/`. */
  relative: string;
}

/** How much may still be written, over all archives of one call. */
export interface Budget {
  maxBytes: number;
  maxRatio: number;
  /** Size of the outermost archive. */
  archiveBytes: number;
  plannedBytes: number;
}

const TYPE_MASK = 0o170000;
const REGULAR = 0o100000;
const FOLDER = 0o040000;

/**
 * Checks every entry: name, kind, method, and the sizes taken together.
 *
 * The sizes are those that the archive declares; whoever extracts must stop at them.
 *
 * @throws ArchiveError naming the first entry that is refused.
 */
export function plan(archive: Archive, budget: Budget): PlannedFile[] {
  const files = new Map<string, PlannedFile>();
  for (const entry of archive.entries) {
    const name = entry.fileName;
    const type = (entry.externalFileAttributes >>> 16) & TYPE_MASK;
    const refuse = (why: string) =>
      new ArchiveError(`${archive.file} is refused: "${name}" ${why}`);
    if (type !== 0 && type !== REGULAR && type !== FOLDER) {
      throw refuse(type === 0o120000 ? "is a symbolic link" : "is not a plain file");
    }
    const relative = safeRelativePath(name);
    if (relative === undefined) throw refuse("leaves the folder");
    if (name.endsWith("/") || relative === "") continue;
    if (entry.isEncrypted()) throw refuse("is encrypted");
    if (!entry.canDecodeFileData()) {
      throw refuse(`is compressed by a method (${entry.compressionMethod}) that is not supported`);
    }
    if (files.has(relative)) throw refuse("is in it twice");
    files.set(relative, { entry, relative });
    budget.plannedBytes += entry.uncompressedSize;
  }
  assertWithin(budget, archive.file);
  return [...files.values()];
}

/** `a//b/./c` → `a/b/c`; `undefined` for a path that is absolute, goes up, or is none. */
function safeRelativePath(name: string): string | undefined {
  if (/^[/\\]|^[a-z]:|\0/i.test(name)) return undefined;
  const segments = name.split(/[/\\]/).filter((segment) => segment !== "" && segment !== ".");
  return segments.includes("..") ? undefined : segments.join("/");
}

function assertWithin(budget: Budget, file: string): void {
  const { maxBytes, maxRatio, archiveBytes, plannedBytes } = budget;
  if (plannedBytes > maxBytes) {
    throw new ArchiveError(
      `${file} is refused: it unpacks to ${formatBytes(plannedBytes)}, \`maxBytes\` allows ${formatBytes(maxBytes)}`,
    );
  }
  if (plannedBytes > maxRatio * archiveBytes) {
    throw new ArchiveError(
      `${file} is refused: it unpacks to ${Math.round(plannedBytes / archiveBytes)} times its size, ` +
        `\`maxRatio\` allows ${maxRatio}`,
      { hint: "If you trust the archive, raise `maxRatio`." },
    );
  }
}

/** @throws ArchiveError naming the files of the plan that are there already. */
export async function assertNoneThere(files: readonly PlannedFile[], into: string): Promise<void> {
  const there: string[] = [];
  for (const { relative } of files) {
    const isThere = await lstat(path.join(into, relative)).then(
      () => true,
      () => false,
    );
    if (isThere) there.push(relative);
  }
  if (there.length === 0) return;
  const named = there.slice(0, 5).join(", ");
  throw new ArchiveError(
    `${there.length} files are in ${into} already: ${named}${there.length > 5 ? ", …" : ""}`,
    { hint: "Use `overwrite: true`." },
  );
}
