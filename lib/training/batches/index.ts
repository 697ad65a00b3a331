/** Whole tensors or datasets in, checked batches out. */
export { type ArrayData, ArraySource, readArrays, splitOff } from "./arrays";
export type { ClassWeight } from "./classWeight";
export { DatasetSource, isDataset } from "./datasets";
export type {
  BatchDataset,
  BatchSource,
  DatasetElement,
  Pass,
  Tensors,
  TrainingData,
} from "./types";
