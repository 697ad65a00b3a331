/** What the table of operations says of each. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import type { Shape } from "../../tfjs";
import type { Options } from "../values";
import type { Key } from "./getItem";

/** The options that an operation of the table may have; read from its file, so that they are of these kinds. */
export interface Settings {
  axis: number | number[] | null;
  keepdims: boolean;
  alpha: number;
  b: number;
  threshold: number;
  defaultValue: number;
  negativeSlope: number;
  maxValue: number | null;
  approximate: boolean;
  order: number;
  epsilon: number | null;
  xMin: number;
  xMax: number;
  newshape: (number | null)[];
  axes: number[] | null;
  axis1: number;
  axis2: number;
  source: number | number[];
  destination: number | number[];
  indicesOrSections: number | number[];
  repeats: number | number[];
  shift: number;
  padWidth: [number, number][];
  mode: "constant" | "reflect" | "symmetric";
  dtype: "float32" | "int32" | "bool";
  numClasses: number;
  blockSize: number;
  subscripts: string;
  size: [number, number];
  interpolation: "bilinear" | "nearest" | "bicubic" | "lanczos3" | "lanczos5";
  antialias: boolean;
  /** What `x[…]` has between its brackets. */
  key: Key;
}

/** One operation: what it is given, and what it gives. */
export interface OperationRule {
  /** By Keras' names, besides `name`. */
  options?: Options;
  /** How many operands there are, each a tensor, a number or an array; "list" where they come in a list. */
  operands: number | "list" | "many";
  /** Of the outputs; throws an OperandsError where the operands don't fit. */
  shape(shapes: Shape[], settings: Settings): Shape | Shape[];
  compute(operands: Tensor[], settings: Settings): Tensor | Tensor[];
}

/** Operations by Keras' class names. */
export type OperationTable = Record<string, OperationRule>;
