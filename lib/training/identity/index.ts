/** Whether something kept on disk belongs to what is asked for now. */
export { hashArrays, hashOf } from "./hash";
export { hashArchitecture, hashWeights } from "./model";
export { differenceOf, identifyRun, type RunIdentity } from "./run";
