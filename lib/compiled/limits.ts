/** What is too large for JavaScript or for the machine, said before anything is computed. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { describeValue, InvalidArgumentError } from "../errors";
import { formatBytes } from "../text";
import { availableMemory, functionalOf, isModel, LARGEST_ARRAY, type Layer } from "../tfjs";
import type { RunnerOptions } from "./step";

/** TensorFlow's ops take sizes as int32. */
const LONGEST_AXIS = 2 ** 31 - 1;

/** What a layer gives for one sample. */
interface Output {
  layer: Layer;
  shape: number[];
  bytes: number;
}

/** The largest output within each model. */
const largest = new WeakMap<LayersModel, Output | undefined>();

/**
 * Refuses a batch for which a layer's output would be larger than the machine's memory, or a prediction than an array.
 *
 * Sizes that a model leaves open are not known here; of a result of such a model the session says that it is too large.
 *
 * @throws InvalidArgumentError naming the layer, its shape and the `batchSize` that fits.
 */
export function checkSizes(
  model: LayersModel,
  { size, mode }: { size: number; mode: RunnerOptions["mode"] },
): void {
  const inner = functionalOf(model);
  if (!largest.has(inner)) largest.set(inner, largestIn(inner));
  refuseAbove(availableMemory(), largest.get(inner), { size, what: "this machine has" });
  if (mode !== "predict") return;
  for (const { shape, sourceLayer } of inner.outputs) {
    const output = outputOf(sourceLayer, shape);
    refuseAbove(LARGEST_ARRAY, output, { size, what: "an array of JavaScript holds" });
  }
}

function largestIn(model: LayersModel): Output | undefined {
  let most: Output | undefined;
  const see = (output: Output | undefined) => {
    if (output !== undefined && output.bytes > (most?.bytes ?? 0)) most = output;
  };
  for (const { outboundLayer: layer, outputTensors } of Object.values(model.nodesByDepth).flat()) {
    if (isModel(layer)) see(largestIn(functionalOf(layer)));
    else for (const { shape } of outputTensors) see(outputOf(layer, shape));
  }
  return most;
}

/** Undefined where a size is open. */
function outputOf(layer: Layer, [, ...sizes]: readonly (number | null)[]): Output | undefined {
  if (sizes.some((size) => size === null)) return undefined;
  const shape = sizes as number[];
  if (shape.some((size) => size > LONGEST_AXIS)) {
    throw new InvalidArgumentError(
      `${titleOf({ layer, shape })} has an axis of more than ${LONGEST_AXIS}, which TensorFlow can't count.`,
    );
  }
  return { layer, shape, bytes: shape.reduce((product, size) => product * size, 4) };
}

function refuseAbove(
  limit: number,
  output: Output | undefined,
  { size, what }: { size: number; what: string },
): void {
  if (output === undefined || output.bytes * size <= limit) return;
  const fits = Math.floor(limit / output.bytes);
  const [advice, batch] =
    fits > 0
      ? [`\`batchSize\` must be at most ${fits}`, `a batch of ${size}`]
      : ["The input must be smaller, whatever the `batchSize`", "one sample"];
  const bytes = formatBytes(output.bytes * (fits > 0 ? size : 1));
  throw new InvalidArgumentError(
    `${advice}: ${titleOf(output)} takes ${bytes} for ${batch}, and ${what} ${formatBytes(limit)}.`,
  );
}

function titleOf({ layer, shape }: Pick<Output, "layer" | "shape">): string {
  return `the output of the layer ${describeValue(layer.name)} (${layer.getClassName()}), [batch, ${shape.join(", ")}],`;
}
