/** Whole tensors or datasets in, checked batches out. */
export { ArraySource, readArrays, splitOff, weighClasses } from "./arrays";
export type { ClassWeight } from "./classWeight";
export { DatasetSource, isDataset, isKnownDataset } from "./datasets";
export { type Element, type ElementPass, isOne, openElements } from "./elements";
export { Rows } from "./rows";
export type {
  BatchDataset,
  BatchSource,
  DatasetElement,
  Pass,
  Tensors,
  TrainingData,
} from "./types";
