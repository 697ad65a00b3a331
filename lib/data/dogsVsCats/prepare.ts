/** One function for the cats and dogs: photographs where they can be had, drawings everywhere else. */

import path from "node:path";
import {
  checkOneOf,
  checkText,
  checkVerbose,
  checkWhole,
  type KnownOptions,
  rejectUnknownOptions,
} from "../../checks";
import { ConvnetsError, InvalidArgumentError } from "../../errors";
import { checkFolderPlace } from "../../files";
import { drawingVersion } from "./drawer";
import { drawPictures } from "./drawPictures";
import {
  type FolderContent,
  inspectFolder,
  type PictureCounts,
  type PictureSource,
  pictureFolder,
  wantedIndices,
  writeNote,
} from "./layout";
import { fetchPhotographs, whyUnreachable } from "./photographs";

/** Options of `datasets.dogsVsCats.prepare`. */
export interface DogsVsCatsOptions {
  /**
   * `"drawn"`, `"drive"` (Google Drive, 852 MB), `"kaggle"` (needs a token), or `"auto"`: photographs that are there,
   * else those of Drive where it can be reached, else drawings.
   *
   * @default "auto"
   */
  source?: "drawn" | "drive" | "kaggle" | "auto";
  /** The folder that gets `train/cat.N.jpg` and `train/dog.N.jpg`. @default "data/dogs-vs-cats" */
  into?: string;
  /** How many pictures of each class there have to be. @default 1000, 500 and 1000: 5,000 in all */
  counts?: PictureCounts;
  /** Which drawings; an integer in [0, 2^31). @default 1 */
  seed?: number;
  /** Google's address, or Kaggle's; for a mirror. @default the source's own */
  baseUrl?: string;
  /** 1 prints what is done, 0 nothing. @default 1 */
  verbose?: 0 | 1;
}

/** The prepared pictures. */
export interface PreparedPictures {
  /** Where they come from; `"unknown"` when somebody else put them there. */
  source: PictureSource;
  /** Why this source was used. */
  why: string;
  /** The folder of the pictures: `cat.0.jpg`, `dog.0.jpg`, … */
  folder: string;
  /** Pictures of each class that were asked for: indices within [0, 2500). */
  picturesPerClass: number;
}

const known: KnownOptions<DogsVsCatsOptions> = {
  source: true,
  into: true,
  counts: true,
  seed: true,
  baseUrl: true,
  verbose: true,
};

/**
 * Makes sure that the cats and dogs are there, and says which they are.
 *
 * Safe to run twice: what is there is kept, what is missing is added, a run that was cut off goes on where it
 * stopped. Pictures of one source are never mixed with or replaced by those of another. Indices 0–999 are for
 * training, 1000–1499 for validation, 1500–2499 for testing; of the drawings from index 1000 on, 30 % are in
 * styles that no drawing before has.
 *
 * @returns Where the pictures are, how many, and where they come from.
 * @throws InvalidArgumentError for an unknown option, or when the folder holds pictures of another source.
 * @throws ConvnetsError when photographs were asked for by name and can't be had.
 * @throws EnvironmentError when pictures are to be drawn and the npm package `convnets-drawings` is not installed.
 * @example
 * import { datasets } from "convnets";
 * const { folder, source } = await datasets.dogsVsCats.prepare({ into: "data/dogs-vs-cats" });
 * console.log(`${source}: ${folder}/cat.0.jpg`);
 * @see https://www.kaggle.com/c/dogs-vs-cats
 */
export async function prepare(options: DogsVsCatsOptions = {}): Promise<PreparedPictures> {
  rejectUnknownOptions(options, known, "datasets.dogsVsCats.prepare");
  const { source = "auto", into = path.join("data", "dogs-vs-cats"), seed = 1 } = options;
  const { baseUrl, verbose = 1 } = options;
  checkOneOf("source", source, ["drawn", "drive", "kaggle", "auto"]);
  checkText("into", into, { what: "a folder's path" });
  checkFolderPlace("into", into);
  checkWhole("seed", seed, { low: 0, high: 0x7fffffff });
  checkText("baseUrl", baseUrl, { what: "an address" });
  checkVerbose(verbose);
  const indices = wantedIndices(options.counts);
  const content = await inspectFolder(into);
  const complete = indices.every((index) => has(content, index));
  const choice = await choose({ source, content, complete, baseUrl });
  const print = verbose ? (text: string) => console.log(text) : () => {};
  print(`${names[choice.source]} (${choice.why}).`);
  const result: PreparedPictures = {
    ...choice,
    folder: pictureFolder(into),
    picturesPerClass: indices.length,
  };
  if (choice.source === "drawn") {
    refuseOtherDrawings(into, content, seed);
    if (!complete) {
      await writeNote(into, { source: "drawn", seed, version: drawingVersion });
      await drawPictures({ into, indices, present: content.present, seed, verbose });
    }
  } else if (choice.source !== "unknown" && !complete) {
    await fetchPhotographs(choice.source, { into, baseUrl, verbose });
    const after = await inspectFolder(into);
    if (!indices.every((index) => has(after, index))) {
      throw new ConvnetsError(
        `The archive from ${choice.source} lacks pictures that were asked for.`,
      );
    }
    await writeNote(into, { source: choice.source });
  }
  return result;
}

const names: Record<PictureSource, string> = {
  drawn: "Cats and dogs: drawings",
  drive: "Cats and dogs: Kaggle's photographs, from Google Drive",
  kaggle: "Cats and dogs: Kaggle's photographs",
  unknown: "Cats and dogs: the pictures that are there",
};

/** Decides on a source and says why. */
async function choose(situation: {
  source: "drawn" | "drive" | "kaggle" | "auto";
  content: FolderContent;
  complete: boolean;
  baseUrl: string | undefined;
}): Promise<{ source: PictureSource; why: string }> {
  const { source, content, complete, baseUrl } = situation;
  const there = content.source;
  if (source !== "auto") {
    const photographs = there !== undefined && there !== "drawn";
    if (there !== undefined && photographs === (source === "drawn")) {
      throw new InvalidArgumentError(
        "`into` must be a folder without pictures of another source. " +
          `Received: source=${source}, while the folder holds pictures of source ${there}`,
        { hint: "Choose another folder, or remove this one." },
      );
    }
    if (photographs && complete) return { source: there, why: "they are already there" };
    return { source, why: `source is "${source}"` };
  }
  if (there === "drawn") return { source: there, why: "some were drawn here before" };
  if (there !== undefined && complete) return { source: there, why: "they are already there" };
  const problem = await whyUnreachable(baseUrl);
  if (problem === undefined) return { source: "drive", why: "Google Drive can be reached" };
  if (there !== undefined) {
    throw new ConvnetsError(
      `Some photographs are missing in the folder, and Google Drive can't be reached: ${problem}.`,
      { hint: "Choose another folder for drawings." },
    );
  }
  return {
    source: "drawn",
    why: `no photographs are there, and Google Drive can't be reached: ${problem}`,
  };
}

function has(content: FolderContent, index: number): boolean {
  return content.present.has(`cat.${index}.jpg`) && content.present.has(`dog.${index}.jpg`);
}

function refuseOtherDrawings(into: string, { provenance }: FolderContent, seed: number): void {
  if (provenance === undefined) return;
  if (provenance.seed === seed && provenance.version === drawingVersion) return;
  throw new InvalidArgumentError(
    `\`into\` must be a folder without other drawings. Received: into=${into}, ` +
      `which holds drawings of seed ${provenance.seed}, version ${provenance.version}, ` +
      `where seed ${seed}, version ${drawingVersion}, is wanted`,
    { hint: "Choose another folder, or remove this one." },
  );
}
