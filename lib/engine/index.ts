/** Seeds and random numbers; facts about the machine. */
export { type Choice, chooseFastest, fixedChoice } from "./choices";
export { type EngineDescription, engine, hasConvolve, ownKernels, usesGpu } from "./describe";
export {
  defaultKeys,
  getRandomState,
  hostUniform,
  KeySource,
  listenToKeys,
  randomBeta,
  randomGamma,
  randomNormal,
  randomOrder,
  randomUniform,
  setRandomState,
  setSeed,
  withoutProgress,
} from "./random";
export { reserveMemory, takesRegions } from "./reserve";
