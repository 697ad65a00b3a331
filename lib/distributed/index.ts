/** Several processes that compute together, on TensorFlow's own servers. */

export { sendAsBfloat16 } from "./asBfloat16";
export type { ClusterOptions, ClusterTask } from "./cluster";
export { type WorkerGroup, WorkerLostError } from "./group";
export {
  MultiWorkerMirrored,
  type MultiWorkerOptions,
  multiWorkerMirrored,
} from "./multiWorker";
