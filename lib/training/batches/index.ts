/** Whole tensors or datasets in, checked batches out. */
export { type ArrayData, ArraySource, readArrays, splitOff } from "./arrays";
export type { ClassWeight } from "./classWeight";
export { DatasetSource, isDataset, isKnownDataset } from "./datasets";
export type {
  BatchDataset,
  BatchSource,
  DatasetElement,
  KnownDataset,
  Pass,
  Tensors,
  TrainingData,
} from "./types";
