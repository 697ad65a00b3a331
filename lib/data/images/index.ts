/** Image files as batches of tensors. */
export { type ImageBatch, ImageDataset } from "./imageDataset";
export { imageDatasetFromDirectory } from "./imageDatasetFromDirectory";
export { imagesOf, type LoadImageOptions, loadImage } from "./loadImage";
export type { ImageDatasetOptions, Interpolation } from "./options";
