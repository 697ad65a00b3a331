/** Whether something kept on disk belongs to what is asked for now. */
export { hashArchitecture, hashWeights } from "./model";
export { differenceOf, identifyRun, type RunIdentity } from "./run";
