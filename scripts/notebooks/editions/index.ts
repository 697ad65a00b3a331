/** Editions of the notebooks in other languages, made from the texts that each cell carries. */
export { editionFolder, translate } from "./edition";
export type { Language } from "./languages";
export { commentsOf } from "./phrases";
