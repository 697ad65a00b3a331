/** Several processes that compute together, on TensorFlow's own servers; several devices of one. */

export { sendAsBfloat16 } from "./asBfloat16";
export type { ClusterOptions, ClusterTask } from "./cluster";
export type { DeviceGroup } from "./deviceGroup";
export { type WorkerGroup, WorkerLostError } from "./group";
export { Mirrored, type MirroredOptions, mirrored } from "./mirrored";
export {
  MultiWorkerMirrored,
  type MultiWorkerOptions,
  multiWorkerMirrored,
} from "./multiWorker";
export type { Strategy } from "./strategy";
