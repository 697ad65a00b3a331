/** Seeds and random numbers; facts about the machine. */
import "../native"; // before all else: Node's other threads have arenas of their own once they allocate

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
