/** Cats and dogs: drawings, or Kaggle's photographs. */
export type { PictureCounts } from "./layout";
export { type DogsVsCatsOptions, type PreparedPictures, prepare } from "./prepare";
