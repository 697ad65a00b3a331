/** Where the pictures are, whatever their source: `train/cat.N.jpg` and `train/dog.N.jpg`, as Kaggle has them. */

import fs from "node:fs/promises";
import path from "node:path";
import { checkWhole, rejectUnknownOptions } from "../../checks";
import { writeFileAtomically } from "../../files";
import { DataFileError } from "../dataFileError";

/** Pictures of each class for each purpose. */
export interface PictureCounts {
  /** From index 0 on; at most 1000. @default 1000 */
  train?: number;
  /** From index 1000 on; at most 500. @default 500 */
  validation?: number;
  /** From index 1500 on; at most 1000. @default 1000 */
  test?: number;
}

/** The chapter's parts: first index and size. */
const parts = {
  train: { first: 0, size: 1000 },
  validation: { first: 1000, size: 500 },
  test: { first: 1500, size: 1000 },
} as const;

/** Where the pictures in a folder come from. @inline */
export type PictureSource = "drawn" | "drive" | "kaggle" | "unknown";

/** What is written beside the pictures, so that the next run knows them. */
export interface Provenance {
  source: Exclude<PictureSource, "unknown">;
  /** For drawn pictures: the seed, and the version of the drawing code. */
  seed?: number;
  version?: number;
}

/** What a folder holds. */
export interface FolderContent {
  /** Undefined when the folder has no pictures and no note. */
  source: PictureSource | undefined;
  provenance: Provenance | undefined;
  /** Names of the pictures that are there. */
  present: Set<string>;
}

const noteName = "source.json";
/** The folder of the pictures. */
export const pictureFolder = (into: string) => path.join(into, "train");

/** The indices that these counts mean, in each class; throws InvalidArgumentError. */
export function wantedIndices(counts: PictureCounts = {}): number[] {
  rejectUnknownOptions(counts, { train: true, validation: true, test: true }, "counts");
  const indices: number[] = [];
  for (const [name, { first, size }] of Object.entries(parts)) {
    const count = counts[name as keyof typeof parts] ?? size;
    checkWhole(`counts.${name}`, count, { low: 0, high: size });
    for (let index = first; index < first + count; index++) indices.push(index);
  }
  return indices;
}

/** Looks at what is in a folder. */
export async function inspectFolder(into: string): Promise<FolderContent> {
  const names = await fs.readdir(pictureFolder(into)).catch(ifMissing([]));
  const present = new Set(names.filter((name) => /^(cat|dog)\.\d+\.jpg$/.test(name)));
  const provenance = await readNote(into);
  const source = provenance?.source ?? (present.size > 0 ? "unknown" : undefined);
  return { source, provenance, present };
}

/** Notes where the pictures come from. */
export async function writeNote(into: string, provenance: Provenance): Promise<void> {
  await fs.mkdir(into, { recursive: true });
  const file = path.join(into, noteName);
  await writeFileAtomically(file, (temporary) =>
    fs.writeFile(temporary, `${JSON.stringify(provenance)}\n`),
  );
}

async function readNote(into: string): Promise<Provenance | undefined> {
  const file = path.join(into, noteName);
  const text = await fs.readFile(file, "utf8").catch(ifMissing(undefined));
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Provenance;
  } catch (cause) {
    throw new DataFileError(file, "it is no JSON", {
      cause,
      hint: "Remove it if the pictures beside it are photographs; otherwise remove the folder.",
    });
  }
}

function ifMissing<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === "ENOENT") return value;
    throw error;
  };
}
