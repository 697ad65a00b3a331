/** Image files as batches of tensors. */
export { type ImageBatch, ImageDataset } from "./imageDataset";
export { imageDatasetFromDirectory } from "./imageDatasetFromDirectory";
export type { ImageDatasetOptions, Interpolation } from "./options";
