/** The fixture comparison: what a notebook's committed outputs promise, and the form that they are kept in. */
export { compareNotebooks, type Mismatch } from "./compare";
export { formatNotebook, isForeign, kernelspec, languageInfo, writeNotebook } from "./form";
export {
  type Cell,
  joinText,
  type Notebook,
  type Output,
  parseNotebook,
  readNotebook,
  type Text,
} from "./notebook";
export { describeMismatch } from "./report";
export { keepUnchanged } from "./unchanged";
