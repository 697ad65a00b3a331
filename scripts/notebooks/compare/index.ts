/** The fixture comparison: what a notebook's committed outputs promise. */
export { compareNotebooks, type Mismatch } from "./compare";
export {
  type Cell,
  joinText,
  type Notebook,
  type Output,
  readNotebook,
  type Text,
  writeNotebook,
} from "./notebook";
export { describeMismatch } from "./report";
