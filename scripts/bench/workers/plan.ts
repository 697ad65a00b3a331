/** What the workers of one measurement do, and what they say. */

/** One measurement. */
export interface Plan {
  side: "convnets" | "Keras";
  model: "pictures" | "wide";
  workers: number;
  /** Examples of all workers in a step. */
  batchSize: number;
  steps: number;
  /** The first, in which all is compiled, isn't measured. */
  epochs: number;
  /** How gradients go from worker to worker; Keras has float32 only. @default "float32" */
  gradientPrecision?: "bfloat16";
}

/** A worker's part in it. */
export interface Part extends Plan {
  /** Of none where one process trains alone. */
  addresses: readonly string[];
  index: number;
}

/** What a worker has seen in each measured epoch, and the losses of all. */
export interface Seen {
  ms: number[];
  /** Of the process, all threads. */
  cpuMs: number[];
  /** What the loopback has carried; all of it is the workers' where they have a network of their own. */
  bytes: number[];
  losses: number[];
  parameters: number;
}

/** What all workers have seen, and whether the network was theirs alone. */
export interface Measured {
  seen: Seen[];
  isOwnNetwork: boolean;
}
