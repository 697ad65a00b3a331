/** The only room that knows where output goes: notebook cell, terminal or pipe. */
export {
  type Display,
  type DisplayOptions,
  displayBundle,
  type MimeBundle,
  openDisplay,
} from "./display";
export { onInterrupt } from "./interrupt";
export { type CellWriter, currentCell, isNotebook } from "./kernel";
export { type LiveLine, openLiveLine } from "./liveLine";
export { openPassingLine } from "./passingLine";
export { showInCell } from "./shown";
export { throttle } from "./throttle";
