/** Pictures of cats and dogs, drawn. */
export type { Animal } from "./emoji";
export { drawPicture } from "./photograph";
