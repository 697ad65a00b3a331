/** What the table of operations says of each. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import type { Shape } from "../../tfjs";
import type { KerasType, OperandType } from "../types";
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
  constantValues: number;
  mode: "constant" | "reflect" | "symmetric";
  dtype: "float32" | "int32" | "bool" | null;
  numClasses: number;
  blockSize: number;
  subscripts: string;
  size: [number, number];
  interpolation: "bilinear" | "nearest" | "bicubic" | "lanczos3" | "lanczos5";
  antialias: boolean;
  strides: number | [number, number];
  dilationRate: number | [number, number];
  padding: "valid" | "same";
  shape: number[];
  isCausal: boolean;
  /** What `x[…]` has between its brackets. */
  key: Key;
}

/** What an operation computes in. */
export interface OperationTypes {
  /** What each operand is made before. */
  operands: KerasType[];
  /** Of all results. */
  result: KerasType;
  /** Whether results may lie outside of their type's range. @default false */
  wraps?: boolean;
}

/** The types for operands of certain types. */
export type TypeRule = (operands: OperandType[], settings: Settings) => OperationTypes;

/** One operation: what it is given, and what it gives. */
export interface OperationRule {
  /** By Keras' names, besides `name`. */
  options?: Options;
  /** How many operands there are, each a tensor, a number or an array; "list" where they come in a list. */
  operands: number | "list" | "many";
  /** Of the outputs; throws an OperandsError where the operands don't fit. */
  shape(shapes: Shape[], settings: Settings): Shape | Shape[];
  /** @default the operands' own types, and the first one's for the result */
  types?: TypeRule;
  /** Of operands that have the types already; a result of another type is cast. */
  compute(operands: Tensor[], settings: Settings): Tensor | Tensor[];
}

/** Operations by Keras' class names. */
export type OperationTable = Record<string, OperationRule>;
