/** The public surface of `convnets`; re-exports only. */
export { type EngineDescription, engine, setSeed, tf } from "./engine";
export {
  ConvnetsError,
  EnvironmentError,
  InvalidArgumentError,
} from "./errors";
export {
  type Display,
  type DisplayOptions,
  displayBundle,
  isNotebook,
  type LiveLine,
  type MimeBundle,
  onInterrupt,
  openDisplay,
  openLiveLine,
} from "./notebook";
export * as plot from "./plot";
export { show, showImage, showImages } from "./plot";
