import { constants } from "node:fs";
import { copyFile, link, readdir, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import {
  checkBoolean,
  checkFunction,
  checkOneOf,
  checkRecord,
  checkText,
  checkTexts,
  checkVerbose,
  type KnownOptions,
  rejectUnknownOptions,
} from "../checks";
import { ConvnetsError, invalidArgument } from "../errors";
import { diskFault, makeFolder, removeAbandoned, unfinishedPath } from "../files";
import { inLanes } from "./lanes";

/** Options of `makeSubset`. */
export interface SubsetOptions {
  /** Folder that holds the files, for example the unpacked `train`. */
  from: string;
  /** Folder to make, for example `cats_vs_dogs_small`; it gets `<subset>/<class>/<file>`. */
  into: string;
  /** Subset name → which files of each class: from the first index to before the second. No file may be in two. */
  subsets: Readonly<Record<string, readonly [start: number, end: number]>>;
  /** Class names; each gets a folder. @default ["cat", "dog"] */
  classes?: readonly string[];
  /** The file's name below `from`. @default ``(className, index) => `${className}.${index}.jpg` `` */
  fileName?: (className: string, index: number) => string;
  /**
   * `"copy"` makes files of their own; `"hard"` makes hard links, which take no room, but changing one changes the
   * original.
   *
   * @default "copy"
   */
  link?: "hard" | "copy";
  /**
   * Replaces a folder that holds something else than was asked for. Without it that is an error: a folder may hold what
   * can't be made again.
   *
   * @default false
   */
  overwrite?: boolean;
  /** 1 prints one line, 0 nothing. @default 1 */
  verbose?: 0 | 1;
}

/** What `makeSubset` found or made. */
export interface SubsetResult {
  /** Absolute path of the folder. */
  folder: string;
  /** Files in each subset, over all classes. */
  counts: Record<string, number>;
  /** `false` when the folder was there already, whole and as asked for. */
  created: boolean;
}

const known: KnownOptions<SubsetOptions> = {
  from: true,
  into: true,
  subsets: true,
  classes: true,
  fileName: true,
  link: true,
  overwrite: true,
  verbose: true,
};

/** A file to make, and the size that it will have. */
interface Wanted {
  source: string;
  /** Path below the new folder. */
  relative: string;
  size: number;
}

/** Files that are copied or looked at side by side. */
const LANES = 8;

/**
 * Makes the folders of a small data set from a large one, as the book's `make_subset` does.
 *
 * The folder appears in one step, when it is whole. A second run checks that it is what was asked for and leaves it.
 *
 * @returns The folder, and how many files each subset has.
 * @throws InvalidArgumentError on ranges that make no sense or overlap.
 * @throws ConvnetsError naming all source files that are missing, or what differs in a folder that is there already.
 * @example
 * import { makeSubset } from "convnets";
 * const { folder, counts } = await makeSubset({
 *   from: "data/dogs-vs-cats/train",
 *   into: "data/cats_vs_dogs_small",
 *   subsets: { train: [0, 1000], validation: [1000, 1500], test: [1500, 2500] },
 * });
 * @see Deep Learning with Python, 2nd edition, section 8.2.2
 */
export async function makeSubset(options: SubsetOptions): Promise<SubsetResult> {
  rejectUnknownOptions(options, known, "makeSubset");
  const { overwrite = false, verbose = 1, link: how = "copy" } = options;
  checkText("from", options.from, { what: "a folder's path", required: true });
  checkText("into", options.into, { what: "a folder's path", required: true });
  checkFunction("fileName", options.fileName);
  checkOneOf("link", how, ["hard", "copy"]);
  checkBoolean("overwrite", overwrite);
  checkVerbose(verbose);
  const into = path.resolve(options.into);
  const wanted = await findSources(listFiles(options), path.resolve(options.from));
  const counts = Object.fromEntries(
    Object.keys(options.subsets).map((subset) => [
      subset,
      wanted.filter(({ relative }) => relative.startsWith(`${subset}/`)).length,
    ]),
  );
  const summary = Object.entries(counts).map(([subset, count]) => `${subset} ${count}`);

  const differences = await compare(into, wanted);
  if (differences?.length === 0) {
    if (verbose) console.log(`Already there and whole: ${into} (${summary.join(", ")} files)`);
    return { folder: into, counts, created: false };
  }
  if (differences !== undefined && !overwrite) {
    throw new ConvnetsError(
      `${into} is there already and differs from what was asked for: ${abridged(differences)}`,
      { hint: "Use `overwrite: true` to make it anew, or another `into`." },
    );
  }
  await build(into, wanted, how);
  if (verbose) console.log(`Made ${into} (${summary.join(", ")} files)`);
  return { folder: into, counts, created: true };
}

function listFiles(options: SubsetOptions): { name: string; relative: string }[] {
  const { subsets, classes = ["cat", "dog"] } = options;
  const { fileName = (className: string, index: number) => `${className}.${index}.jpg` } = options;
  checkRecord("subsets", subsets, { what: "[start, end] by the subset's name" });
  checkTexts("classes", classes, { what: "names of classes" });
  assertPlainNames("subsets", Object.keys(subsets));
  assertPlainNames("classes", classes);
  const owner = new Map<string, string>();
  const files: { name: string; relative: string }[] = [];
  for (const [subset, range] of Object.entries(subsets)) {
    const [start = -1, end = -1] = Array.isArray(range) ? range : [];
    const isRange = Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start < end;
    if (!isRange || range.length !== 2) {
      throw invalidArgument(`subsets.${subset}`, {
        expected: "[start, end], whole numbers with 0 ≤ start < end",
        received: range,
      });
    }
    for (const className of classes) {
      for (let index = start; index < end; index++) {
        const name = path.normalize(fileName(className, index));
        if (path.isAbsolute(name) || name.split(path.sep).includes("..")) {
          throw invalidArgument("fileName", { expected: "a path below `from`", received: name });
        }
        const other = owner.get(name);
        if (other !== undefined) {
          throw invalidArgument("subsets", {
            expected: `free of overlaps, as a test on training data proves nothing ("${name}" is in ${other} and ${subset})`,
            received: subsets,
          });
        }
        owner.set(name, subset);
        files.push({ name, relative: `${subset}/${className}/${path.basename(name)}` });
      }
    }
  }
  return files;
}

function assertPlainNames(argument: string, names: readonly string[]): void {
  const isPlain = (name: string) => /^[^./\\\0][^/\\\0]*$/.test(name);
  if (names.length > 0 && names.every(isPlain) && new Set(names).size === names.length) return;
  throw invalidArgument(argument, {
    expected: "one or more different names of folders",
    received: names,
  });
}

async function findSources(
  files: readonly { name: string; relative: string }[],
  from: string,
): Promise<Wanted[]> {
  const missing: string[] = [];
  const wanted: Wanted[] = [];
  await inLanes(files, LANES, async ({ name, relative }) => {
    const source = path.join(from, name);
    const there = await stat(source).catch(() => undefined);
    if (there?.isFile()) wanted.push({ source, relative, size: there.size });
    else missing.push(name);
  });
  if (missing.length > 0) {
    throw new ConvnetsError(
      `${missing.length} of ${files.length} source files are missing in ${from}: ${abridged(missing)}`,
      { hint: "Is `from` the folder that holds the files themselves?" },
    );
  }
  return wanted;
}

/** What differs between the folder and the request; `undefined` when there is no folder. */
async function compare(into: string, wanted: readonly Wanted[]): Promise<string[] | undefined> {
  const entries = await readdir(into, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    },
  );
  if (entries === undefined) return undefined;
  const there = new Set(
    entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => path.relative(into, path.join(entry.parentPath, entry.name))),
  );
  const differences: string[] = [];
  await inLanes(wanted, LANES, async ({ relative, size }) => {
    if (!there.delete(relative)) differences.push(`${relative} is missing`);
    else if ((await stat(path.join(into, relative))).size !== size) {
      differences.push(`${relative} has another size`);
    }
  });
  return [...differences, ...[...there].map((file) => `${file} was not asked for`)];
}

/** Makes everything in a folder beside, then swaps it in. */
async function build(into: string, wanted: readonly Wanted[], how: "hard" | "copy"): Promise<void> {
  const parent = path.dirname(into);
  const prefix = `.${path.basename(into)}.unfinished-`;
  const unfinished = unfinishedPath(parent, { prefix });
  const replaced = unfinishedPath(parent, { prefix });
  try {
    makeFolder(parent);
    await removeAbandoned(parent, { prefix });
    const folders = new Set(wanted.map(({ relative }) => path.dirname(relative)));
    for (const folder of folders) makeFolder(path.join(unfinished, folder));
    await inLanes(wanted, LANES, ({ source, relative }) => {
      const target = path.join(unfinished, relative);
      return how === "hard"
        ? link(source, target)
        : copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    });
    const isReplaced = await rename(into, replaced).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return false;
        throw error;
      },
    );
    await rename(unfinished, into).catch(async (error) => {
      if (isReplaced) await rename(replaced, into);
      throw error;
    });
  } catch (error) {
    const fault = diskFault(error, into) as NodeJS.ErrnoException;
    if (fault instanceof ConvnetsError) throw fault;
    const { code, message } = fault;
    throw new ConvnetsError(`${into} could not be made: ${message}`, {
      hint: code === "EXDEV" ? 'Use `link: "copy"`: hard links stay on a disk.' : undefined,
      cause: error,
    });
  } finally {
    // Where the disk fails, the first error is the one that matters.
    const remove = (each: string) => rm(each, { recursive: true, force: true }).catch(() => {});
    await Promise.all([unfinished, replaced].map(remove));
  }
}

/** The first few, and how many more. */
function abridged(items: readonly string[]): string {
  const sorted = [...items].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const more = sorted.length > 10 ? `, … (${sorted.length - 10} more)` : "";
  return sorted.slice(0, 10).join(", ") + more;
}
