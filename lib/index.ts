/** The public surface of `convnets`; re-exports only. */
export { type EngineDescription, engine, setSeed, tf } from "./engine";
export {
  ConvnetsError,
  EnvironmentError,
  InvalidArgumentError,
} from "./errors";
export * as layers from "./layers";
export * as optimizers from "./training/optimizers";
