/** Seeds and random numbers; facts about the machine. */
export { type EngineDescription, engine, hasConvPool, usesGpu } from "./describe";
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
