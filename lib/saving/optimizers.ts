/** Optimizers and their state in Keras' files. */
import type { Optimizer, Variable } from "@tensorflow/tfjs-node-gpu";
import { describeValue } from "../errors";
import type { JsonObject } from "../json";
import { get, KerasOptimizer, serialize } from "../optimizers";
import {
  asKeras,
  learningRateOf,
  restoreTfjs,
  tf,
  tfjsOptimizers,
  tfjsSlotShapes,
  tfjsSlots,
} from "../tfjs";
import type { StoredArray } from "./hdf5";
import { ModelFileError } from "./json";

/** Makes the optimizer that Keras describes, with Keras' formulas. */
export function readOptimizer(entry: JsonObject): Optimizer {
  try {
    return get(entry);
  } catch (cause) {
    throw new ModelFileError(
      `is compiled with the optimizer ${describeValue(entry.class_name)}, which is refused: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** Describes an optimizer as Keras does. */
export function writeOptimizer(optimizer: Optimizer): JsonObject {
  if (optimizer instanceof KerasOptimizer) return { ...serialize(optimizer) };
  if (!tfjsOptimizers.includes(optimizer.getClassName())) {
    throw new ModelFileError(
      `the optimizer ${optimizer.getClassName()} can't be written. Supported: Keras' own and tfjs' ${tfjsOptimizers.join(", ")}`,
    );
  }
  const twin = get(asKeras(optimizer));
  try {
    return { ...serialize(twin) };
  } finally {
    twin.dispose();
  }
}

/** The optimizer's state in Keras' order: iterations, learning rate, and from the first step on the slots. */
export function optimizerState(optimizer: Optimizer): StoredArray[] {
  const slots =
    optimizer instanceof KerasOptimizer
      ? optimizer.namedVariables().map(({ variable }) => ({
          shape: variable.shape,
          data: new Float32Array(variable.dataSync()),
        }))
      : tfjsSlots(optimizer);
  return [
    { shape: [], data: BigInt64Array.of(BigInt(optimizer.iterations)) },
    { shape: [], data: Float32Array.of(learningRateOf(optimizer)!) },
    ...slots,
  ];
}

/** The shapes of the state of an optimizer that has made a step; Keras' own gets its slots now. */
export function optimizerShapes(optimizer: Optimizer, weights: Variable[]): number[][] {
  if (!(optimizer instanceof KerasOptimizer)) {
    return [[], [], ...tfjsSlotShapes(optimizer, weights)];
  }
  optimizer.build(weights);
  return [[], [], ...optimizer.namedVariables().map(({ variable }) => variable.shape)];
}

/**
 * Puts the optimizer where a file says it stood.
 *
 * @param state As `optimizerState` gives it.
 */
export function restoreOptimizer(
  optimizer: Optimizer,
  weights: Variable[],
  state: Float32Array[],
): void {
  const [[iterations], [learningRate], ...slots] = state as [Float32Array, Float32Array];
  const progress = { iterations: iterations!, learningRate: learningRate! };
  if (!(optimizer instanceof KerasOptimizer)) {
    restoreTfjs(optimizer, weights, { ...progress, slots });
    return;
  }
  Object.assign(optimizer, progress);
  const variables = optimizer.namedVariables();
  for (const [i, data] of (slots as Float32Array[]).entries()) {
    const { variable } = variables[i]!;
    tf.tidy(() => variable.assign(tf.tensor(data, variable.shape, "float32")));
  }
}
