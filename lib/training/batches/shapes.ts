/** Names, shapes and label rules of what goes into a model; every refusal happens here. */

import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { InvalidArgumentError, invalidArgument } from "../../errors";
import type { OutputObjective } from "../../objectives";
import { isOne, type Outline } from "./elements";
import type { Several } from "./types";

/** Values shaped as training wants them. */
export interface Column {
  /** What the user calls it, for messages: `"x"`, `"y"`, `"y.digit"`. */
  label: string;
  /** Shape of one sample. */
  sampleShape: number[];
  dtype: "float32" | "int32" | "bool";
}

/**
 * Brings one tensor, a list or an object of named tensors into the model's order.
 *
 * @throws InvalidArgumentError when their number or names don't fit.
 */
export function inModelOrder<T extends Outline>(
  given: Several<T>,
  names: string[],
  argument: string,
): { label: string; tensor: T }[] {
  if (isOne(given)) given = [given];
  if (Array.isArray(given)) {
    if (given.length !== names.length || !given.every(isOne)) {
      throw invalidArgument(argument, {
        expected:
          names.length === 1 ? "one tensor" : `${names.length} tensors (${names.join(", ")})`,
        received: given,
      });
    }
    const label = (i: number) => (names.length === 1 ? argument : `${argument}[${i}]`);
    return given.map((tensor, i) => ({ label: label(i), tensor }));
  }
  if (typeof given !== "object" || given === null) {
    throw invalidArgument(argument, {
      expected: "a tensor, a list of tensors or an object of named tensors",
      received: given,
    });
  }
  const named = given as Record<string, T>;
  const fits =
    Object.keys(named).length === names.length && names.every((name) => isOne(named[name]));
  if (!fits) {
    throw invalidArgument(argument, {
      expected: `an object with a tensor for each of ${names.join(", ")}`,
      received: Object.keys(named),
    });
  }
  return names.map((name) => ({ label: `${argument}.${name}`, tensor: named[name]! }));
}

/**
 * Checks an input of the model.
 *
 * @returns How its samples go in: [batch] becomes [batch, 1] where the model wants that.
 */
export function inputColumn(
  model: LayersModel,
  index: number,
  tensor: Outline,
  label: string,
): Column {
  const wanted = model.inputs[index]!.shape.slice(1);
  checkIsBatch(tensor, label);
  const sampleShape = tensor.rank === 1 && wanted.length === 1 ? [1] : tensor.shape.slice(1);
  if (!fits(sampleShape, wanted)) {
    throw invalidArgument(label, {
      expected: `of shape ${shapeText([null, ...wanted])}, as the model's input ${model.inputNames[index]} wants`,
      received: tensor,
      hint: shapeHint(tensor, wanted, label),
    });
  }
  return { label, sampleShape, dtype: tensor.dtype as Column["dtype"] };
}

/**
 * Checks the labels of an output against its loss.
 *
 * @returns How they go in: class numbers as int32 [batch, …], anything else as float32 in the output's shape.
 */
export function labelColumn(
  model: LayersModel,
  index: number,
  objective: OutputObjective,
  given: { tensor: Outline; label: string },
): Column {
  const { tensor, label } = given;
  checkIsBatch(tensor, label);
  const output = model.outputs[index]!.shape.slice(1);
  const received = tensor.shape.slice(1);
  const { labels, name } = objective.loss?.settings ?? {};
  if (labels === "numbers" && fits(received, [...output.slice(0, -1), 1])) {
    return { label, sampleShape: received, dtype: "int32" };
  }
  if (labels === "groups" || labels === "sequences") {
    const isFlat = labels === "groups" && received.length === 1 && received[0] === 1;
    return { label, sampleShape: isFlat ? [] : received, dtype: "int32" };
  }
  if (labels === "classes" || labels === "numbers") {
    const wanted = output.slice(0, -1);
    const sampleShape = withoutLastOne(received, wanted);
    if (!fits(sampleShape, wanted)) {
      throw invalidArgument(label, {
        expected: `class numbers of shape ${shapeText([null, ...wanted])} for ${name}`,
        received: tensor,
        hint: fits(received, output)
          ? "These look one-hot: compile with categoricalCrossentropy instead."
          : undefined,
      });
    }
    return { label, sampleShape, dtype: "int32" };
  }
  const sampleShape =
    output.at(-1) === 1 && received.length === output.length - 1 ? [...received, 1] : received;
  if (labels !== undefined && !fits(sampleShape, output)) {
    const classes = output.at(-1);
    const looksSparse = name === "categoricalCrossentropy" && received.length < output.length;
    throw invalidArgument(label, {
      expected: `of shape ${shapeText([null, ...output])}, as the model's output ${objective.output}`,
      received: tensor,
      hint: looksSparse
        ? `For class numbers compile with sparseCategoricalCrossentropy, or make them one-hot with tf.oneHot(labels, ${classes}).`
        : undefined,
    });
  }
  return { label, sampleShape, dtype: "float32" };
}

/** Checks sample weights: [batch], or one weight for each step of a sequence. */
export function weightColumn(tensor: Outline, label: string): Column {
  checkIsBatch(tensor, label);
  const rest = tensor.shape.slice(1);
  return { label, sampleShape: rest.length === 1 && rest[0] === 1 ? [] : rest, dtype: "float32" };
}

/**
 * Checks that labels are ones the loss can learn from.
 *
 * @param values The labels of all samples.
 * @param classes Size of the output's last axis.
 */
export function checkLabelValues(
  objective: OutputObjective,
  values: ArrayLike<number>,
  options: { classes: number | null; label: string },
): void {
  const { classes, label } = options;
  const { name: loss, labels, options: settings } = objective.loss?.settings ?? {};
  if ((labels === "classes" || labels === "numbers") && classes !== null) {
    const ignored = settings?.ignoreClass;
    const isClass = (value: number) => Number.isInteger(value) && value >= 0 && value < classes;
    const bad = firstBad(values, (value) => isClass(value) || value === ignored);
    if (bad === undefined) return;
    throw invalidArgument(label, {
      expected: `class numbers from 0 to ${classes - 1}, because the output has ${classes} units`,
      received: bad,
    });
  }
  if (loss === "binaryCrossentropy" || loss === "categoricalCrossentropy") {
    const bad = firstBad(values, (value) => value >= 0 && value <= 1);
    if (bad === undefined) return;
    throw invalidArgument(label, { expected: `numbers from 0 to 1 for ${loss}`, received: bad });
  }
}

function firstBad(
  values: ArrayLike<number>,
  isGood: (value: number) => boolean,
): number | undefined {
  for (let i = 0; i < values.length; i++) if (!isGood(values[i]!)) return values[i];
  return undefined;
}

/** Checks that all columns have the same number of samples, and at least one. */
export function commonLength(columns: { label: string; length: number }[]): number {
  const [first, ...rest] = columns;
  for (const { label, length } of rest) {
    if (length !== first!.length) {
      throw new InvalidArgumentError(
        `\`${first!.label}\` and \`${label}\` must have the same number of samples. Received: ${first!.length} and ${length}`,
      );
    }
  }
  if (first!.length === 0) {
    throw new InvalidArgumentError(
      `\`${first!.label}\` must have at least one sample. Received: none`,
    );
  }
  return first!.length;
}

function checkIsBatch(tensor: Outline, label: string): void {
  if (tensor.rank === 0 || tensor.dtype === "string" || tensor.dtype === "complex64") {
    throw invalidArgument(label, {
      expected: "a float32, int32 or bool tensor whose first axis counts the samples",
      received: tensor,
    });
  }
}

function withoutLastOne(shape: number[], wanted: (number | null)[]): number[] {
  return shape.length === wanted.length + 1 && shape.at(-1) === 1 ? shape.slice(0, -1) : shape;
}

function fits(shape: number[], wanted: (number | null)[]): boolean {
  return (
    shape.length === wanted.length && wanted.every((size, i) => size === null || size === shape[i])
  );
}

function shapeText(shape: (number | null)[]): string {
  return `[${shape.map((size, i) => size ?? (i === 0 ? "batch" : "any")).join(", ")}]`;
}

function shapeHint(tensor: Outline, wanted: (number | null)[], label: string): string | undefined {
  const sample = tensor.shape.slice(1);
  if (wanted.at(-1) === 1 && fits([...sample, 1], wanted)) {
    return `Add the channel axis: \`${label}.expandDims(-1)\`.`;
  }
  if (fits(tensor.shape, wanted))
    return `For a single sample add the batch axis: \`${label}.expandDims(0)\`.`;
  return undefined;
}
