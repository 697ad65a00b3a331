/** Which image files a folder holds, in Keras' order and with Keras' labels. */
import type { Dirent } from "node:fs";
import fs from "node:fs/promises";
import { InvalidArgumentError, invalidArgument } from "../../errors";
import { RandomState } from "./randomState";

/** The files of a data set with their labels. */
export interface ImageFiles {
  paths: string[];
  /** A class number for each path; undefined when there are no labels. */
  labels: number[] | undefined;
  /** Names of the classes in the order of their numbers; undefined when there are no labels. */
  classNames: string[] | undefined;
}

/** What to list. */
export interface ListingOptions {
  labels: "inferred" | null | readonly number[];
  classNames: readonly string[] | undefined;
  formats: readonly string[];
  followLinks: boolean;
}

/**
 * Lists the images in a folder as Keras 3.15 does: the classes are the subfolders in the order of their names'
 * code points, hidden ones left out; the files of a class are those in it and below it, folder by folder.
 *
 * @throws InvalidArgumentError when the folder is missing, `classNames` names no subfolder, or the count of
 *   `labels` differs from that of the files.
 */
export async function listImages(directory: string, options: ListingOptions): Promise<ImageFiles> {
  const { labels, formats, followLinks } = options;
  const folders = await readFolder(directory).catch((cause: NodeJS.ErrnoException) => {
    throw invalidArgument("directory", {
      expected: "a folder",
      received: directory,
      hint: cause.code === "ENOENT" ? "There is nothing at this path." : cause.message,
    });
  });
  if (labels === "inferred") {
    const classNames = await classesOf(directory, folders, options.classNames);
    const files = await Promise.all(
      classNames.map((name) => filesBelow(join(directory, name), formats, followLinks)),
    );
    return {
      paths: files.flat(),
      labels: files.flatMap((list, label) => list.map(() => label)),
      classNames,
    };
  }
  const paths = await filesBelow(directory, formats, followLinks);
  if (labels === null) return { paths, labels: undefined, classNames: undefined };
  if (labels.length !== paths.length) {
    throw new InvalidArgumentError(
      "`labels` must have as many entries as the folder has files. " +
        `Received: ${labels.length} labels, while there are ${paths.length} files in ${directory}`,
    );
  }
  const classNames = [...new Set(labels)].sort((a, b) => a - b).map(String);
  return { paths, labels: [...labels], classNames };
}

/** Shuffles files and labels alike, as `numpy.random.RandomState(seed).shuffle` does. */
export function shuffleFiles(files: ImageFiles, seed: number): void {
  new RandomState(seed).shuffle(files.paths);
  if (files.labels !== undefined) new RandomState(seed).shuffle(files.labels);
}

async function classesOf(
  directory: string,
  entries: Dirent[],
  wanted: readonly string[] | undefined,
): Promise<string[]> {
  const found: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    if (await isFolder(entry, join(directory, entry.name))) found.push(entry.name);
  }
  if (wanted === undefined) return found;
  if (!wanted.every((name) => found.includes(name))) {
    throw invalidArgument("classNames", {
      expected: `names of subfolders of ${directory}: ${found.join(", ")}, or some of them`,
      received: wanted,
    });
  }
  return [...wanted];
}

/** The images in a folder and below it. Links to folders are followed only on demand, links to files always. */
async function filesBelow(
  folder: string,
  formats: readonly string[],
  followLinks: boolean,
): Promise<string[]> {
  const listed: { folder: string; files: string[] }[] = [];
  const walk = async (place: string, above: readonly string[]): Promise<void> => {
    const real = await fs.realpath(place);
    if (above.includes(real)) return; // a link back to where we came from
    const files: string[] = [];
    listed.push({ folder: place, files });
    // A folder that can't be read counts as empty, as in Python's os.walk.
    for (const entry of await readFolder(place).catch(() => [])) {
      const path = join(place, entry.name);
      if (!(await isFolder(entry, path))) files.push(entry.name);
      else if (followLinks || !entry.isSymbolicLink()) await walk(path, [...above, real]);
    }
  };
  await walk(folder, []);
  return listed
    .sort((a, b) => byCodePoints(a.folder, b.folder))
    .flatMap(({ folder: place, files }) =>
      files.filter((name) => hasFormat(name, formats)).map((name) => join(place, name)),
    );
}

function hasFormat(name: string, formats: readonly string[]): boolean {
  const lower = name.toLowerCase();
  return formats.some((format) => lower.endsWith(format));
}

async function readFolder(folder: string): Promise<Dirent[]> {
  const entries = await fs.readdir(folder, { withFileTypes: true });
  return entries.sort((a, b) => byCodePoints(a.name, b.name));
}

async function isFolder(entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return fs.stat(path).then(
    (stat) => stat.isDirectory(),
    () => false,
  );
}

/** Paths keep the form in which the folder was given, as Keras' do. */
function join(folder: string, name: string): string {
  return folder.endsWith("/") ? folder + name : `${folder}/${name}`;
}

/** Python's order of strings; JavaScript's own compares UTF-16 units. */
function byCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
