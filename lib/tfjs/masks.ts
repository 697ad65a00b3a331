/** Which time steps count: how layers hand masks on, as in Keras. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { invalidArgument } from "../errors";
import { argumentsOf, type CallArguments } from "./callArguments";
import { insides } from "./insides";
import { type CallNode, isModel, type Layer } from "./layer";
import { prototypeOf } from "./prototypes";
import * as tf from "./tfjs";

/** A mask for each input or output of a call: true for what counts; none where all does. */
export type Masks = (Tensor | undefined)[];

/** What a class does with masks. */
interface Rule {
  /** Whether its outputs have a mask, from whether its inputs have one. */
  has(given: boolean[], layer: Layer, told: CallArguments): boolean;
  /** The mask, where `has` says that there is one. */
  mask(given: Masks, layer: Layer, inputs: Tensor[], told: CallArguments): Tensor;
}

/** As the first input's. */
const handedOn: Rule = { has: ([first]) => first === true, mask: ([first]) => first! };

const dropped: Rule = { ...handedOn, has: () => false };

/** Where any input counts; Keras has no mask where one of the inputs has none. */
const merged: Rule = {
  has: (given) => given.every(Boolean),
  mask: (given) => (given as Tensor[]).reduce((one, other) => tf.logicalOr(one, other)),
};

const ofSequences: Rule = {
  ...handedOn,
  has: ([first], layer) => first === true && insides("RNN", layer).returnSequences === true,
};

/** Which inputs of a call are masks that it was given. */
function givenAt({ inputNames = [] }: CallArguments) {
  const names = inputNames as string[];
  const at = names.indexOf("queryMask");
  return { any: names.some((name) => name.endsWith("Mask")), ofQuery: at < 0 ? undefined : at };
}

/** As the query's, or as the one in its place that the call was given. */
const ofQuery: Rule = {
  has([first], _, told) {
    const { any, ofQuery } = givenAt(told);
    return any ? ofQuery !== undefined : first === true;
  },
  mask([first], _, inputs, told) {
    const { ofQuery } = givenAt(told);
    return ofQuery === undefined ? first! : tf.cast(inputs[ofQuery]!, "bool");
  },
};

const rules: Record<string, Rule> = {
  Masking: { has: () => true, mask: (_, layer, inputs) => layer.computeMask(inputs) as Tensor },
  Embedding: {
    has: (_, layer) => insides("Embedding", layer).maskZero === true,
    mask: (_, layer, inputs) => layer.computeMask(inputs) as Tensor,
  },
  ReversibleEmbedding: {
    has: (_, layer, { reverse }) =>
      reverse !== true && insides("Embedding", layer).maskZero === true,
    mask: (_, layer, inputs) => layer.computeMask(inputs) as Tensor,
  },
  Bidirectional: ofSequences,
  Concatenate: { has: (given) => given.some(Boolean), mask: joined },
  Dot: dropped,
  ...Object.fromEntries(
    ["Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"].map((name) => [name, merged]),
  ),
  // tfjs has them drop it.
  ...Object.fromEntries(
    ["ELU", "LeakyReLU", "Rescaling", "Softmax", "ThresholdedReLU"].map((name) => [name, handedOn]),
  ),
  // The query's.
  AdditiveAttention: ofQuery,
  Attention: ofQuery,
  GroupQueryAttention: handedOn,
  MultiHeadAttention: handedOn,
};

/** Where inputs are joined in time, their masks are; else a time step counts where it does in any input. */
function joined(given: Masks, layer: Layer, inputs: Tensor[]): Tensor {
  const { axis: own } = insides("Concatenate", layer);
  const axis = own < 0 ? own + inputs[0]!.rank : own;
  const masks = given.map((mask, i) => mask ?? tf.ones(inputs[i]!.shape.slice(0, -1), "bool"));
  return axis === inputs[0]!.rank - 1
    ? merged.mask(masks, layer, inputs, {})
    : tf.concat(masks, axis);
}

function ruleOf(layer: Layer): Rule {
  const className = layer.getClassName();
  if (Object.hasOwn(rules, className)) return rules[className]!;
  if (insides("RNN", layer).cell !== undefined) return ofSequences;
  return layer.supportsMasking ? handedOn : dropped;
}

/** Whether a layer has, in Keras, an argument for the mask of its only input. */
export function takesMask(layer: Layer): boolean {
  return masked.has(layer.getClassName()) || insides("RNN", layer).cell !== undefined;
}

const masked: ReadonlySet<string> = new Set([
  ...["BatchNormalization", "Bidirectional", "GlobalAveragePooling1D", "Softmax"],
  "TimeDistributed",
]);

/** Whether a call takes the masks of its inputs away from whatever comes later, as Keras 3.15.1 does it. */
export function takesMasksAway(layer: Layer): boolean {
  return layer.getClassName() === "MultiHeadAttention";
}

/**
 * A layer's masks as its call gets them. Recurrent ones get that of their sequences, without any for states; and as in
 * Keras 3.15.1, where a call has first states, only a mask that it was given by hand.
 */
export function maskArgument(
  layer: Layer,
  masks: Masks,
  { isGiven }: { isGiven: boolean },
): Masks | Tensor | undefined {
  if (masks.every((mask) => mask === undefined)) return undefined;
  const isRecurrent =
    insides("RNN", layer).cell !== undefined || layer.getClassName() === "Bidirectional";
  if (isRecurrent && masks.length > 1 && !isGiven) return undefined;
  return (isRecurrent || masks.length === 1) && !isModel(layer) ? masks[0] : masks;
}

/** Whether the outputs of a call of a layer that is no model have a mask. */
export function handsMaskOn(node: CallNode, given: boolean[]): boolean {
  const { outboundLayer: layer } = node;
  return ruleOf(layer).has(given, layer, argumentsOf(node));
}

/** The mask of the outputs of such a call. */
export function maskAfter(node: CallNode, given: Masks, inputs: Tensor[]): Tensor | undefined {
  const { outboundLayer: layer } = node;
  const has = handsMaskOn(
    node,
    given.map((mask) => mask !== undefined),
  );
  return has ? ruleOf(layer).mask(given, layer, inputs, argumentsOf(node)) : undefined;
}

/** Lets the layers look at their mask that do so in Keras and don't in tfjs. */
export function useMasks(): void {
  averageWithMask();
  multiplyWithMasks();
  zeroMaskedOutputs();
  softenWithMask();
}

/** What is masked takes no part, and has no share; where all of an axis is masked, nothing has one. */
function softenWithMask(): void {
  computeWithMask("Softmax", (input, mask, plain) => {
    const fits = mask.shape.every((size, i) => [1, input.shape.at(i - mask.rank)].includes(size));
    if (mask.rank > input.rank || !fits) {
      throw invalidArgument("mask", {
        expected: `of sides that are 1 or the input's, [${input.shape}], from the last one on`,
        received: mask.shape,
        hint: "As in Keras, Softmax looks at a mask of time steps that comes along; an activation doesn't.",
      });
    }
    const isKept = mask.dtype === "bool" ? mask : tf.greater(mask, 0.5);
    const shares = plain(tf.where(isKept, input, tf.fill(input.shape, -1e9)));
    return tf.where(isKept, shares, tf.zerosLike(shares));
  });
}

function averageWithMask(): void {
  computeWithMask("GlobalAveragePooling1D", (input, mask) => {
    const isKept = tf.expandDims(mask, 2);
    const kept = tf.where(isKept, input, tf.zerosLike(input));
    return tf.div(tf.sum(kept, 1), tf.sum(tf.cast(isKept, "float32"), 1));
  });
}

/**
 * Gives a class of one input another way to compute where a call has a mask.
 *
 * @param compute From input and mask to output; `plain` is what the class computes without one.
 */
function computeWithMask(
  className: "Softmax" | "GlobalAveragePooling1D",
  compute: (input: Tensor, mask: Tensor, plain: (input: Tensor) => Tensor) => Tensor,
): void {
  const layer = prototypeOf(className);
  const { call } = layer;
  layer.call = function (inputs, kwargs) {
    const mask = kwargs?.mask as Tensor | null | undefined;
    if (mask == null) return call.call(this, inputs, kwargs);
    const plain = (input: Tensor) => call.call(this, input, { ...kwargs, mask: null }) as Tensor;
    return tf.tidy(() => compute([inputs].flat()[0]!, mask, plain));
  };
}

/** What is masked multiplies by 1, and is 0 where it is masked in all inputs that have a mask. */
function multiplyWithMasks(): void {
  const layer = prototypeOf("Multiply");
  const { call } = layer;
  layer.call = function (inputs, kwargs) {
    const masks = [kwargs?.mask as Masks | Tensor | null | undefined].flat();
    if (masks.every((mask) => mask == null)) return call.call(this, inputs, kwargs);
    return tf.tidy(() => {
      const factors = [inputs].flat().map((input, i) => {
        const mask = masks[i];
        return mask == null ? input : tf.where(tf.expandDims(mask, -1), input, tf.onesLike(input));
      });
      const product = call.call(this, factors, kwargs) as Tensor;
      if (masks.some((mask) => mask == null)) return product;
      const isKept = (masks as Tensor[]).reduce((one, other) => tf.logicalOr(one, other));
      return tf.where(tf.expandDims(isKept, -1), product, tf.zerosLike(product));
    });
  };
}

/** A `Bidirectional` that gives sequences gives zeros for what is masked. */
function zeroMaskedOutputs(): void {
  const layer = prototypeOf("Bidirectional");
  const { call } = layer;
  layer.call = function (inputs, kwargs) {
    const mask = kwargs?.mask as Tensor | null | undefined;
    const { returnSequences } = insides("RNN", this);
    if (mask == null || returnSequences !== true) return call.call(this, inputs, kwargs);
    return tf.tidy(() => {
      const outputs = call.call(this, inputs, kwargs);
      const zeroed = [outputs].flat().map((output) => {
        if (output.rank < 3) return output; // a state
        return tf.where(tf.expandDims(mask, -1), output, tf.zerosLike(output));
      });
      return Array.isArray(outputs) ? zeroed : zeroed[0]!;
    });
  };
}
