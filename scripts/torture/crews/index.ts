/** Every writer of the library. */
import { archives, downloads, drawings, pixelCaches, subsets } from "./data";
import { exportModels, saveModels, saveWeightFiles } from "./models";
import { htmlPages, pngPictures } from "./plots";
import { backups, features, logs } from "./training";
import type { Writer } from "./writer";

export type { Writer } from "./writer";
export { inputOf, outputOf } from "./writer";

const writers: readonly Writer[] = [
  saveModels,
  saveWeightFiles,
  exportModels,
  htmlPages,
  pngPictures,
  logs,
  features,
  pixelCaches,
  subsets,
  archives,
  drawings,
  downloads,
];

/**
 * Writers that are at work in one process at the same time: one kill cuts all of them off. What is trained twice alike
 * has a process of its own, since random numbers are one for all.
 */
export const crews: readonly (readonly Writer[])[] = [writers, [backups]];
