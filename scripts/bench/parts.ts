/** What the workloads have in common. */
import type { SymbolicTensor, Tensor } from "@tensorflow/tfjs-node-gpu";
import { build } from "./build";

const { tf } = build;

const modes = ["graph", "many", "bfloat16", "eager", "cached", "cached-fixed", "onnx"] as const;

/** How a workload runs; `"many"` takes several steps in a call, `"onnx"` isn't ours. */
export type Mode = (typeof modes)[number];

/** Runs once and says of how many steps or images it was. */
export interface Workload {
  (): Promise<number>;
  /** What is made anew before each run, and not timed. @default nothing */
  before?: () => Promise<void>;
}

export function isMode(mode: string): mode is Mode {
  return (modes as readonly string[]).includes(mode);
}

export function engineOf(mode: Mode) {
  return {
    engine: mode === "eager" ? ("eager" as const) : ("graph" as const),
    precision: mode === "bfloat16" ? ("bfloat16" as const) : ("float32" as const),
  };
}

/** The chapter's convolutions: each size followed by pooling, but for the last. */
export function convolutions(input: SymbolicTensor, filters: number[]) {
  let x: Tensor | Tensor[] | SymbolicTensor | SymbolicTensor[] = input;
  filters.forEach((size, i) => {
    x = tf.layers.conv2d({ filters: size, kernelSize: 3, activation: "relu" }).apply(x);
    if (i < filters.length - 1) x = tf.layers.maxPooling2d({ poolSize: 2 }).apply(x);
  });
  return tf.layers.flatten().apply(x) as SymbolicTensor;
}

export const pictureShape: [number, number, number] = [180, 180, 3];
