/** The only room that knows where output goes: notebook cell, terminal or pipe. */
export { onInterrupt } from "./interrupt";
export { type LiveLine, openLiveLine } from "./liveLine";
