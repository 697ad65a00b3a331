/** Which weights a network gets, and why. */
import fs from "node:fs/promises";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { ConvnetsError, invalidArgument } from "../errors";
import { type KerasFile, kerasFile, WeightsUnavailableError } from "./kerasFiles";
import { type ApplicationSettings, refuseTop } from "./options";
import { type PackagedWeights, packagedFile } from "./packagedWeights";

/** The weights that a network was made with. */
export interface WeightsDescription {
  /** `"imagenet"`, `"edges"`, `"dogs"`, `"file"` or `"random"`. */
  name: string;
  /** What they are. */
  title: string;
  /** The file's path; `undefined` for random weights. */
  source: string | undefined;
  /** Why these. */
  why: string;
  /** What that means for results; empty where there is nothing to say. */
  note: string;
  /** What kept `"auto"` from taking ImageNet's. */
  obstacle?: ConvnetsError;
}

/** What a network offers by name. */
export interface KnownWeights {
  imagenet: KerasFile;
  /** Said of ImageNet's weights. @default nothing */
  imagenetNote?: string;
  /** What `"auto"` takes without a network; most networks have none. */
  packaged?: PackagedWeights;
  /** Why the packaged weights don't fit this network, if they don't. */
  packagedMisfit?: string;
}

type PackageOffer = KnownWeights & { packaged: PackagedWeights };

const descriptions = new WeakMap<LayersModel, WeightsDescription>();

/**
 * Says which weights a network was made with, and why: `{ name, title, source, why, note }`.
 *
 * @param model What a function of `applications` returned.
 * @returns Plain facts.
 * @throws InvalidArgumentError for any other model.
 * @example
 * import { applications } from "convnets";
 * const model = await applications.vgg16({ weights: "auto", includeTop: false });
 * const { name, why, note } = applications.weightsOf(model);
 * console.log(`${name} (${why}). ${note}`);
 */
export function weightsOf(model: LayersModel): WeightsDescription {
  const description = descriptions.get(model);
  if (description !== undefined) return description;
  throw invalidArgument("model", {
    expected: "a network that one of the functions of `applications` made",
    received: model?.name ?? model,
  });
}

/** Keeps the description for `weightsOf`. */
export function describeWeights(model: LayersModel, description: WeightsDescription): void {
  descriptions.set(model, description);
}

/** Finds the weights that the settings ask for, downloading them if need be. */
export async function chooseWeights(
  settings: ApplicationSettings,
  known: KnownWeights,
): Promise<WeightsDescription> {
  const { weights, verbose } = settings;
  const { packaged } = known;
  if (weights === null) {
    const title = "random numbers";
    return { name: "random", title, source: undefined, why: "asked for", note: "" };
  }
  if (weights === "imagenet") return imagenet(settings, known);
  if (packaged !== undefined) {
    const offer = { ...known, packaged };
    if (weights === packaged.name) return fromPackage("asked for by name", settings, offer);
    if (weights === "auto") {
      const description = await best(settings, offer);
      if (verbose) {
        const { title, why, note } = description;
        console.log(`Weights: ${title}.\nWhy: ${why}.${note === "" ? "" : `\n${note}`}`);
      }
      return description;
    }
  }
  if ((await fs.stat(weights).catch(() => undefined))?.isFile()) {
    const title = "the file's";
    return { name: "file", title, source: weights, why: "asked for by path", note: "" };
  }
  const names = packaged === undefined ? "" : `"auto", "${packaged.name}", `;
  throw invalidArgument("weights", {
    expected: `"imagenet", ${names}null, or the path of a file of weights`,
    received: weights,
  });
}

async function best(
  settings: ApplicationSettings,
  known: PackageOffer,
): Promise<WeightsDescription> {
  let obstacle: ConvnetsError;
  try {
    return await imagenet(settings, known);
  } catch (error) {
    if (!(error instanceof WeightsUnavailableError)) throw error;
    obstacle = error;
  }
  const misfit = settings.includeTop ? "they have no top" : known.packagedMisfit;
  if (misfit !== undefined) {
    throw new ConvnetsError(
      `${obstacle.message}. The weights "${known.packaged.name}" can't stand in: ${misfit}`,
      { hint: obstacle.hint, cause: obstacle },
    );
  }
  const why = "ImageNet's are not in Keras' folder of models and can't be downloaded";
  return { ...(await fromPackage(why, settings, known)), obstacle };
}

async function imagenet(
  { baseUrl, verbose }: ApplicationSettings,
  known: KnownWeights,
): Promise<WeightsDescription> {
  const file = await kerasFile(known.imagenet, { baseUrl, verbose });
  return {
    name: "imagenet",
    title: `Keras' own for ImageNet (${known.imagenet.name})`,
    source: file.path,
    why: file.downloaded ? "downloaded" : "found in Keras' folder of models",
    note: known.imagenetNote ?? "",
  };
}

async function fromPackage(
  why: string,
  settings: ApplicationSettings,
  { packaged, packagedMisfit }: PackageOffer,
): Promise<WeightsDescription> {
  refuseTop(packaged.name, settings);
  if (packagedMisfit !== undefined) {
    throw new ConvnetsError(`The weights "${packaged.name}" don't fit: ${packagedMisfit}`);
  }
  const { name, title, note } = packaged;
  return { name, title, source: await packagedFile(packaged), why, note };
}
