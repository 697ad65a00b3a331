/** Facts about the engine: versions, devices, processor features. */
import os from "node:os";
import { nativeModule, processorFeatures, type VectorKernels, vectorKernels } from "../native";
import { hasGpuDevice, tensorflowVersion, tf } from "../tfjs";
import { type Choice, choices } from "./choices";

/** What the engine runs on. */
export interface EngineDescription {
  /** TensorFlow's own version, for example `"2.21.0"`. */
  tensorflow: string;
  /** tfjs' version. */
  tfjs: string;
  /** Node's version without the `v`. */
  node: string;
  /** `"GPU"` when kernels run on one, else `"CPU"`. */
  device: "CPU" | "GPU";
  /** The processor's model name. */
  processor: string;
  /** Number of processor cores that Node may use. */
  cores: number;
  /** Vector and matrix extensions that TensorFlow's kernels use here, among AVX2, AVX-512, AVX-512 BF16 and AMX BF16. */
  features: string[];
  /** Whether oneDNN's kernels are on: with AVX2 or more, unless `TF_ENABLE_ONEDNN_OPTS` is set to 0. */
  oneDNN: boolean;
  /**
   * What was chosen by measurement in this process so far: for a network's first layer the library's own kernels or
   * TensorFlow's. Kept for later processes in the user's cache.
   */
  choices: Choice[];
  /** The description as one line. */
  toString(): string;
}

/**
 * Describes the engine that this process runs on.
 *
 * @returns Plain facts; `String(engine())` is one line.
 * @example
 * import { engine } from "convnets";
 * console.log(String(engine())); // TensorFlow 2.21.0 on CPU (…, 16 cores), tfjs 4.22.0, Node 22.11.0
 * if (engine().device === "CPU") console.log(engine().features);
 */
export function engine(): EngineDescription {
  const description = {
    tensorflow: tensorflowVersion(),
    tfjs: tf.version.tfjs,
    node: process.versions.node,
    device: usesGpu() ? ("GPU" as const) : ("CPU" as const),
    processor: os.cpus()[0]?.model.trim() ?? "unknown",
    cores: os.availableParallelism(),
    features: processorFeatures(),
    oneDNN: nativeModule().usesOneDnn(),
    choices: choices(),
  };
  return Object.defineProperty(description, "toString", {
    enumerable: false,
    value: () => {
      const { tensorflow, device, processor, cores, tfjs, node } = description;
      return `TensorFlow ${tensorflow} on ${device} (${processor}, ${cores} cores), tfjs ${tfjs}, Node ${node}`;
    },
  });
}

/** Whether TensorFlow computes on a GPU here. */
export function usesGpu(): boolean {
  return hasGpuDevice();
}

/**
 * The best variant of the library's own vector kernels that runs here (`lib/native/session/conv_pool.cc`); none on a GPU.
 */
export function ownKernels(): VectorKernels | undefined {
  return usesGpu() ? undefined : vectorKernels()[0];
}

/**
 * Whether the kernels of `lib/native/session/convolve.cc` run here: on a CPU with AVX2. With AVX-512, oneDNN's have
 * wider registers.
 */
export function hasConvolve(): boolean {
  return ownKernels() === "Avx2";
}
