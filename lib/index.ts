/** The public surface of `convnets`; re-exports only. */
export { DataFileError, type DigitSet, datasets, type MnistOptions } from "./data";
export { type EngineDescription, engine, setSeed, tf } from "./engine";
export {
  ConvnetsError,
  EnvironmentError,
  InvalidArgumentError,
} from "./errors";
