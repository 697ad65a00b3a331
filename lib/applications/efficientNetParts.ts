/** What both EfficientNets are made of. */
import type { SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import { dropout } from "../layers";
import { readInitializer } from "../saving";
import { tf } from "../tfjs";
import type { Apply } from "./architecture";
import type { ApplicationSettings } from "./options";
import { convolution, depthwise, globalAverage } from "./parts";

/** Keras' scaling by a layer's outputs; tfjs' own takes no `truncatedNormal` but draws evenly for it. */
const scaled = (scale: number, distribution: "truncated_normal" | "uniform"): Initializer => {
  const config = { scale, mode: "fan_out", distribution, seed: null };
  return readInitializer({ class_name: "VarianceScaling", config }, "EfficientNet") as never;
};

type Initializer = Parameters<typeof tf.layers.dense>[0]["kernelInitializer"];

/** A convolution without a bias, named in full. */
interface Convolution {
  name: string;
  filters: number;
  /** @default 1 */
  kernelSize?: number;
  /** @default 1 */
  strides?: number;
  /** @default "same" */
  padding?: "same" | "valid";
}

/** The branch of a block before it joins what the block was given. */
interface Branch {
  prefix: string;
  /** How often the branch is left out of a training step, a sample at a time. */
  dropRate: number;
}

/** Steps that put layers behind `x`; names begin with a prefix: `"block2a_"`, `"block2a_expand_"`. */
export interface Steps {
  convolve(x: SymbolicTensor, options: Convolution): SymbolicTensor;
  /** One filter for each channel. */
  filterEach(x: SymbolicTensor, options: Omit<Convolution, "filters">): SymbolicTensor;
  normalize(x: SymbolicTensor, prefix: string): SymbolicTensor;
  /** Normalizes, then swish. */
  activate(x: SymbolicTensor, prefix: string): SymbolicTensor;
  /** Weighs the channels by what all of their pixels say together, squeezed into `reduced` numbers. */
  excite(x: SymbolicTensor, options: { prefix: string; reduced: number }): SymbolicTensor;
  /** Adds what the block was given. */
  join(x: SymbolicTensor, given: SymbolicTensor, branch: Branch): SymbolicTensor;
}

/** @param momentum How much of their statistics normalizations keep in a step. */
export function stepsOf(apply: Apply, { momentum }: { momentum: number }): Steps {
  const kernelInitializer = scaled(2, "truncated_normal");
  const pointwise = (filters: number, activation: "swish" | "sigmoid", name: string) =>
    convolution({ filters, kernelSize: 1, padding: "same", activation, kernelInitializer, name });
  const steps: Steps = {
    convolve: (x, { kernelSize = 1, padding = "same", ...options }) =>
      apply(convolution({ ...options, kernelSize, padding, useBias: false, kernelInitializer }), x),
    filterEach: (x, { kernelSize = 1, padding = "same", ...options }) => {
      const depthwiseInitializer = kernelInitializer;
      const settings = { ...options, kernelSize, padding, useBias: false, depthwiseInitializer };
      return apply(depthwise(settings), x);
    },
    normalize: (x, prefix) =>
      apply(tf.layers.batchNormalization({ momentum, axis: 3, name: `${prefix}bn` }), x),
    activate: (x, prefix) => {
      const activation = { activation: "swish", name: `${prefix}activation` } as const;
      return apply(tf.layers.activation(activation), steps.normalize(x, prefix));
    },
    excite: (x, { prefix, reduced }) => {
      const filters = x.shape.at(-1)!;
      const name = (end: string) => `${prefix}se_${end}`;
      const targetShape = [1, 1, filters];
      let se = apply(globalAverage(name("squeeze")), x);
      se = apply(tf.layers.reshape({ targetShape, name: name("reshape") }), se);
      se = apply(pointwise(reduced, "swish", name("reduce")), se);
      se = apply(pointwise(filters, "sigmoid", name("expand")), se);
      return apply(tf.layers.multiply({ name: name("excite") }), [x, se]);
    },
    join: (x, given, { prefix, dropRate }) => {
      const noiseShape = [null, 1, 1, 1];
      const kept =
        dropRate > 0 ? apply(dropout({ rate: dropRate, noiseShape, name: `${prefix}drop` }), x) : x;
      return apply(tf.layers.add({ name: `${prefix}add` }), [kept, given]);
    },
  };
  return steps;
}

/** The classifier of both. */
export function classifier(
  features: SymbolicTensor,
  apply: Apply,
  options: { settings: ApplicationSettings; dropoutRate: number; biasInitializer: Initializer },
): SymbolicTensor {
  const { settings, dropoutRate, biasInitializer } = options;
  let x = apply(globalAverage("avg_pool"), features);
  x = apply(dropout({ rate: dropoutRate, name: "top_dropout" }), x);
  const dense = tf.layers.dense({
    units: settings.classes,
    activation: settings.classifierActivation as "softmax",
    kernelInitializer: scaled(1 / 3, "uniform"),
    biasInitializer,
    name: "predictions",
  });
  return apply(dense, x);
}
