/** Cats and dogs: drawings, or Kaggle's photographs. */
export type { Drawer, Picture } from "./drawer";
export type { PictureCounts, PictureSource } from "./layout";
export { type DogsVsCatsOptions, type PreparedPictures, prepare } from "./prepare";
