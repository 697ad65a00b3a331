/** Several processes that compute together, on TensorFlow's own servers. */
export type { ClusterOptions, ClusterTask } from "./cluster";
export {
  MultiWorkerMirrored,
  type MultiWorkerOptions,
  multiWorkerMirrored,
  WorkerGroup,
  WorkerLostError,
} from "./multiWorker";
