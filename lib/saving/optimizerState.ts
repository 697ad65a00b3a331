/** Optimizers' state in Keras' files: steps, learning rate, and what is kept for each weight. */
import type { LayersModel, Optimizer, Variable } from "@tensorflow/tfjs-node-gpu";
import { KerasOptimizer, LossScaleOptimizer } from "../optimizers";
import {
  asWeights,
  hasTfjsSlots,
  learningRateOf,
  optimizerOf,
  restoreTfjs,
  slotsAsKeras,
  tf,
  tfjsSlotShapes,
  tfjsSlots,
} from "../tfjs";
import type { Hdf5Reader } from "./hdf5Reader";
import type { Hdf5Writer, StoredArray } from "./hdf5Writer";
import { ModelFileError } from "./json";

/** Where a file keeps the state, and what its compilation says about it. */
export interface StoredState {
  /** The arrays: steps, learning rate where there is one, then the slots. */
  paths: string[];
  /** Whether slots are listed kind by kind. @default false: weight by weight */
  byKind?: boolean;
}

/** Writes the optimizer's state where Keras looks for it. */
export function writeOptimizerState(file: Hdf5Writer, model: LayersModel): void {
  const optimizer = optimizerOf(model);
  if (optimizer === undefined) return;
  const write = (path: string, arrays: StoredArray[]) => {
    file.group(path);
    file.attribute(path, "name", optimizer.getClassName().toLowerCase());
    for (const [i, array] of arrays.entries()) file.array(`${path}/${i}`, array);
  };
  if (!(optimizer instanceof LossScaleOptimizer)) {
    write("optimizer/vars", stateOf(optimizer));
    return;
  }
  const inner = stateOf(optimizer.innerOptimizer);
  write("optimizer/vars", [...scaleOf(optimizer), ...inner]);
  write("optimizer/inner_optimizer/vars", inner);
}

/** What a loss scale keeps before what the optimizer inside it does; Keras lists steps and rate without using them. */
function scaleOf(optimizer: LossScaleOptimizer): StoredArray[] {
  const unused = [
    { shape: [], data: BigInt64Array.of(0n) },
    { shape: [], data: Float32Array.of(0) },
  ];
  const { stepCounter, dynamicScale } = optimizer.scale();
  if (stepCounter === undefined || dynamicScale === undefined) return unused;
  const [steps, scale] = [stepCounter, dynamicScale].map((each) => each.dataSync()[0]!);
  return [
    ...unused,
    { shape: [], data: BigInt64Array.of(BigInt(steps!)) },
    { shape: [], data: Float32Array.of(scale!) },
  ];
}

/** The state in Keras' order; the slots are there from the first step on. */
function stateOf(optimizer: Optimizer): StoredArray[] {
  const slots =
    optimizer instanceof KerasOptimizer
      ? optimizer.namedVariables().map(({ variable }) => ({
          shape: variable.shape,
          data: new (variable.dtype === "int32" ? Int32Array : Float32Array)(variable.dataSync()),
        }))
      : tfjsSlots(optimizer);
  return [
    { shape: [], data: BigInt64Array.of(BigInt(stepsOf(optimizer))) },
    ...(hasSchedule(optimizer)
      ? []
      : [{ shape: [], data: Float32Array.of(learningRateOf(optimizer)!) }]),
    ...slots,
  ];
}

function stepsOf(optimizer: Optimizer): number {
  return optimizer instanceof KerasOptimizer ? optimizer.countedSteps() : optimizer.iterations;
}

/** A rate that follows the steps is no part of the state. */
function hasSchedule(optimizer: Optimizer): boolean {
  return optimizer instanceof KerasOptimizer && optimizer.rate.schedule !== undefined;
}

/** The state's arrays in Keras 3's layout; of a loss scale those of the optimizer inside it, which Keras repeats. */
export function optimizerPaths(file: Hdf5Reader): string[] {
  const inner = "optimizer/inner_optimizer/vars";
  const path = file.has(inner) ? inner : "optimizer/vars";
  return file.keys(path).map((_, i) => `${path}/${i}`);
}

/**
 * Reads the optimizer's state and puts it into the model's optimizer.
 *
 * @returns A function that changes the optimizer, or `undefined` when the file has no state for it.
 * @throws ModelFileError when the state is another optimizer's, or other weights'.
 */
export function readOptimizerState(
  file: Hdf5Reader,
  model: LayersModel,
  { paths, byKind = false }: StoredState,
): (() => void) | undefined {
  const own = optimizerOf(model);
  if (own === undefined || paths.length === 0) return undefined;
  const scale = own instanceof LossScaleOptimizer ? readScale(file, own, model) : undefined;
  const optimizer = own instanceof LossScaleOptimizer ? own.innerOptimizer : own;
  // tfjs' optimizers number their slots in this order
  const weights = asWeights(model.trainableWeights).map((weight) => weight.read());
  const hasRate = paths.length > 1 && file.shape(paths[1]!)?.length === 0;
  const places = (first: number) =>
    slotPlaces(optimizer, { weights, paths: paths.slice(first), byKind });
  const slots = (hasRate ? places(2) : undefined) ?? places(1);
  if (slots === undefined) {
    const { length } = shapesOf(optimizer, weights);
    const expected = (hasSchedule(optimizer) ? 1 : 2) + length;
    throw new ModelFileError(
      `has ${paths.length} optimizer variables where the model's ${optimizer.getClassName()} has ${expected}`,
    );
  }
  const iterations = file.numbers(paths[0]!, [])[0]!;
  const stored = hasRate ? file.numbers(paths[1]!, [])[0] : undefined;
  const learningRate = stored ?? learningRateOf(optimizer)!;
  const values = slots.map(({ path, shape }) =>
    path === undefined
      ? Float32Array.of(momentumProduct(optimizer, iterations))
      : file.numbers(path, shape),
  );
  return () => {
    restore(optimizer, slots.length === 0 ? [] : weights, {
      iterations,
      learningRate,
      slots: values,
    });
    if (own instanceof LossScaleOptimizer) own.iterations = iterations;
    scale?.();
  };
}

/** A loss scale and how many steps it has served; nothing before the first step, or of another optimizer. */
function readScale(
  file: Hdf5Reader,
  optimizer: LossScaleOptimizer,
  model: LayersModel,
): (() => void) | undefined {
  const paths = scalePaths(file);
  if (paths === undefined) return undefined;
  const [step, scale] = paths.map((path) => file.numbers(path, [])[0]!);
  return () => {
    optimizer.build(asWeights(model.trainableWeights).map((weight) => weight.read()));
    const { stepCounter, dynamicScale } = optimizer.scale();
    tf.tidy(() => {
      stepCounter!.assign(tf.scalar(step!));
      dynamicScale!.assign(tf.scalar(scale!));
    });
  };
}

/** Where a file keeps the steps that a loss scale has served, and the scale. */
function scalePaths(file: Hdf5Reader): string[] | undefined {
  const names = file.strings("optimizer_weights", "weight_names") ?? [];
  const named = ["step_counter", "dynamic_scale"].map((end) =>
    names.find((name) => name.split("/").at(-1)!.startsWith(end)),
  );
  if (!named.includes(undefined)) return named.map((name) => `optimizer_weights/${name}`);
  const [all, inner] = ["optimizer/vars", "optimizer/inner_optimizer/vars"].map((path) =>
    file.has(path) ? file.keys(path).length : 0,
  ) as [number, number];
  // Before the first step there are two less.
  return inner > 0 && all === inner + 4 ? ["optimizer/vars/2", "optimizer/vars/3"] : undefined;
}

/** A slot, and where the file has it. */
interface SlotPlace {
  shape: number[];
  path: string | undefined;
}

/**
 * Where the file has each slot, in our order; none before the first step.
 *
 * @returns `undefined` when the file has another number of them, also none for an optimizer that has made steps: as in
 *   Keras, that goes on as it is.
 */
function slotPlaces(
  optimizer: Optimizer,
  options: { weights: Variable[]; paths: string[]; byKind: boolean },
): SlotPlace[] | undefined {
  const { weights, paths, byKind } = options;
  if (paths.length === 0) return hasSlots(optimizer) ? undefined : [];
  const shapes = shapesOf(optimizer, weights);
  // Keras 2 keeps a momentum of 0 too, for nothing.
  if (shapes.length === 0 && paths.length === weights.length) return [];
  const names = slotsAsKeras(optimizer);
  // Keras 2 doesn't keep what stands for all weights together.
  const missing = paths.length < shapes.length ? (names?.shared.length ?? 0) : 0;
  if (paths.length + missing !== shapes.length) return undefined;
  const order = byKind ? kindByKind(names?.groups ?? [], weights.length) : undefined;
  return shapes.map((shape, i) => ({ shape, path: paths[order?.[i] ?? i] }));
}

function hasSlots(optimizer: Optimizer): boolean {
  return optimizer instanceof KerasOptimizer
    ? optimizer.namedVariables().length > 0
    : hasTfjsSlots(optimizer);
}

/** For each slot of a list weight by weight, its place in a list kind by kind. */
function kindByKind(groups: string[][], weights: number): number[] {
  let before = 0;
  return groups.flatMap((group) => {
    const first = before;
    before += group.length * weights;
    const place = (weight: number, kind: number) => first + kind * weights + weight;
    return Array.from({ length: weights }, (_, weight) =>
      group.map((_slot, kind) => place(weight, kind)),
    ).flat();
  });
}

/** The shapes of the slots of an optimizer that has made a step; Keras' own gets its slots now. */
function shapesOf(optimizer: Optimizer, weights: Variable[]): number[][] {
  if (!(optimizer instanceof KerasOptimizer)) return tfjsSlotShapes(optimizer, weights);
  optimizer.build(weights);
  return optimizer.namedVariables().map(({ variable }) => variable.shape);
}

/** Nadam's product of all momentum factors so far. */
function momentumProduct(optimizer: Optimizer, iterations: number): number {
  const { beta1 } = optimizer.getConfig() as { beta1: number };
  let product = 1;
  const last = Math.min(iterations, 1e6); // a file may claim any number
  for (let step = 1; step <= last; step++) product *= beta1 * (1 - 0.5 * 0.96 ** step);
  return product;
}

function restore(
  optimizer: Optimizer,
  weights: Variable[],
  state: { iterations: number; learningRate: number; slots: Float32Array[] },
): void {
  if (!(optimizer instanceof KerasOptimizer)) {
    restoreTfjs(optimizer, weights, state);
    return;
  }
  const { iterations, learningRate, slots } = state;
  optimizer.iterations = iterations;
  optimizer.rate.restore(learningRate);
  const variables = optimizer.namedVariables();
  for (const [i, data] of slots.entries()) {
    const { variable } = variables[i]!;
    tf.tidy(() => variable.assign(tf.tensor(data, variable.shape, variable.dtype)));
  }
}
