/** Attention in several heads, each with queries, keys and values of its own. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, checkNumber, checkWhole } from "../checks";
import type { KeySource } from "../engine";
import { invalidArgument } from "../errors";
import type { ArrangedCall, CallArguments, Config, Shape, TakesArguments } from "../tfjs";
import { tf } from "../tfjs";
import { type AttentionEquations, attendByKernel, attendByScores } from "./attend";
import {
  arrangeAttention,
  callArguments,
  isSymbolic,
  masksOfCall,
  partsOfCall,
} from "./attentionCall";
import { equationsOf, projectionOf } from "./attentionPlan";
import { Dropout } from "./dropout";
import { einsumShape } from "./einsum";
import { ProjectingLayer, type Projection, type ProjectionOptions, project } from "./einsumDense";
import { visibility } from "./visibility";

/** What attention in heads takes, however many keys they share. */
export interface HeadOptions extends ProjectionOptions {
  /** Share of the attention that is dropped while training. @default 0 */
  dropout?: number;
  /** Whether projections have biases. @default true */
  useBias?: boolean;
  /** Whether a projection of the query, brought to (0, 1), is multiplied by what is attended to. @default false */
  useGate?: boolean;
  /** How far keys may be from the query, plus 1. @default any distance */
  slidingWindow?: number | null;
  /** Any integer: equal seeds drop equal shares. @default one of its own, from `setSeed`'s */
  seed?: number | null;
}

/** Options of `layers.multiHeadAttention`. */
export interface MultiHeadAttentionOptions extends HeadOptions {
  /** How many heads there are. */
  numHeads: number;
  /** Features of queries and keys, in each head. */
  keyDim: number;
  /** Features of values, in each head. @default as `keyDim` */
  valueDim?: number | null;
  /** Features of the output: a number, or the sizes of several axes. @default as the query */
  outputShape?: number | number[] | null;
  /** Axes along which a query looks for keys. @default all but batch and features */
  attentionAxes?: number | number[] | null;
}

/** Checks what attention in heads takes. */
export function checkHeads(options: HeadOptions): void {
  checkNumber("dropout", options.dropout, { low: 0, high: 1 });
  checkBoolean("useBias", options.useBias);
  checkBoolean("useGate", options.useGate);
  checkWhole("slidingWindow", options.slidingWindow ?? undefined, { low: 1 });
}

/** A dropout for the shares of a layer; none where nothing is dropped. */
export function dropoutOf(name: string, { dropout: rate = 0, seed }: HeadOptions) {
  return rate === 0 ? undefined : new Dropout({ name: `${name}_dropout`, rate, seed });
}

/** Attends in several heads. */
export class MultiHeadAttention extends ProjectingLayer implements TakesArguments {
  /** Keras' name of the class. */
  static className = "MultiHeadAttention";
  readonly callArguments = callArguments;
  private readonly options: MultiHeadAttentionOptions;
  private readonly dropout: Dropout | undefined;
  private readonly outputSizes: number[] | undefined;
  private attended: number[] = [];
  private equations!: AttentionEquations;
  private projections!: Record<"query" | "key" | "value" | "output", Projection> & {
    gate?: Projection;
  };
  /** The call that is made, for the shape of what it gives. */
  private arranged: CallArguments = {};

  constructor(options: MultiHeadAttentionOptions) {
    checkWhole("numHeads", options.numHeads, { low: 1, required: true });
    checkWhole("keyDim", options.keyDim, { low: 1, required: true });
    checkWhole("valueDim", options.valueDim ?? undefined, { low: 1 });
    checkHeads(options);
    const outputSizes = sizesOf(options.outputShape ?? undefined);
    const axes = [options.attentionAxes ?? []].flat();
    if (!axes.every(Number.isInteger)) {
      throw invalidArgument("attentionAxes", {
        expected: "a whole number, or a list of them",
        received: options.attentionAxes,
      });
    }
    const { outputShape: _, ...others } = options;
    super(others as ProjectionOptions & Config);
    this.supportsMasking = false; // tfjs would want a mask for each output
    this.inputSpec = [];
    this.options = options;
    this.outputSizes = outputSizes;
    this.dropout = dropoutOf(this.name, options);
  }

  /** Hands out the keys for what is dropped; none where nothing is. */
  get keys(): KeySource | undefined {
    return this.dropout?.keys;
  }

  arrangeCall(call: ArrangedCall): ArrangedCall {
    const arranged = arrangeAttention(call, { title: "MultiHeadAttention", masksScores: true });
    if (!this.built || isSymbolic(arranged)) this.arranged = arranged.kwargs;
    return arranged;
  }

  override build(inputShape: Shape | Shape[]): void {
    const { query, value, key } = this.shapesOf(inputShape);
    const { numHeads, keyDim, useGate } = this.options;
    const valueDim = this.options.valueDim ?? keyDim;
    const { useBias } = this;
    const rank = value.length + 1;
    this.attended = this.attendedAxes(value.length);
    this.equations = equationsOf(rank, this.attended);
    const heads = (prefix: string, shape: Shape, features: number) =>
      this.addProjection(
        projectionOf(shape.length - 1, { bound: 1, sizes: [numHeads, features], useBias }),
        shape,
        `${prefix}/`,
      );
    const attended: Shape = [...query.slice(0, -1), numHeads, valueDim];
    const sizes = this.outputSizes ?? [query.at(-1)!];
    this.projections = {
      query: heads("query", query, keyDim),
      key: heads("key", key, keyDim),
      ...(useGate && { gate: heads("gate", query, valueDim) }),
      value: heads("value", value, valueDim),
      output: this.addProjection(
        projectionOf(query.length - 1, { bound: 2, sizes, useBias }),
        attended,
        "attention_output/",
      ),
    };
    this.built = true;
  }

  private attendedAxes(rank: number): number[] {
    const { attentionAxes } = this.options;
    if (attentionAxes == null) return Array.from({ length: rank - 2 }, (_, i) => i + 1);
    return [attentionAxes].flat().map((axis) => {
      const own = axis < 0 ? axis + rank : axis;
      if (own >= 1 && own < rank - 1) return own;
      throw invalidArgument("attentionAxes", {
        expected: `axes of an input of ${rank}, but for the first and the last`,
        received: attentionAxes,
      });
    });
  }

  private shapesOf(inputShape: Shape | Shape[]) {
    const shapes = partsOfCall(inputShape as Shape[], this.arranged);
    checkShapes(shapes);
    return shapes;
  }

  /** The output's shape for those of the inputs, and with the scores theirs. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const { query, value } = this.shapesOf(inputShape);
    const output: Shape = [...query.slice(0, -1), ...(this.outputSizes ?? [query.at(-1)!])];
    if (this.arranged.returnAttentionScores !== true) return output;
    const { numHeads, keyDim } = this.options;
    const projected = [value, query].map((shape) => [...shape.slice(0, -1), numHeads, keyDim]);
    return [output, einsumShape(this.equations.scores, projected)];
  }

  /** Computes the layer's output, with the scores where they are asked for; the caller disposes them. */
  override call(inputs: Tensor | Tensor[], kwargs: CallArguments = {}): Tensor | Tensor[] {
    return tf.tidy(() => {
      const list = inputs as Tensor[];
      const { query, value, key, attentionMask } = partsOfCall(list, kwargs);
      const returnsScores = kwargs.returnAttentionScores === true;
      const mask = visibility({
        ...{ query, value, attentionMask, masks: masksOfCall(kwargs) },
        useCausalMask: kwargs.useCausalMask === true,
        slidingWindow: this.options.slidingWindow ?? null,
      });
      const { projections, equations, dropout } = this;
      const projected = {
        query: project(query, projections.query),
        key: project(key, projections.key),
        value: project(value, projections.value),
        mask,
        scale: 1 / Math.sqrt(this.options.keyDim),
      };
      const isPlain = dropout === undefined && !returnsScores && projected.query.rank === 4;
      const drop = (shares: Tensor) => dropout?.call(shares, kwargs) ?? shares;
      const { output, shares } = isPlain
        ? { output: attendByKernel(projected), shares: undefined }
        : attendByScores({ ...projected, equations, drop });
      const { gate } = projections;
      const attended = gate ? tf.mul(output, tf.sigmoid(project(query, gate))) : output;
      const result = project(attended, projections.output);
      return shares !== undefined && returnsScores ? [result, shares] : result;
    });
  }

  /** The layer's options, as plain data. */
  override getConfig() {
    const { numHeads, keyDim, valueDim, dropout, useGate, slidingWindow, seed } = this.options;
    return {
      ...super.getConfig(),
      ...{ numHeads, keyDim, valueDim: valueDim ?? keyDim, dropout: dropout ?? 0 },
      ...{ useGate: useGate ?? false, slidingWindow: slidingWindow ?? null, seed: seed ?? null },
      outputShape: this.outputSizes ?? null,
      attentionAxes: this.options.attentionAxes ?? null,
    };
  }
}

function sizesOf(outputShape: number | number[] | undefined): number[] | undefined {
  if (outputShape === undefined) return undefined;
  const sizes = [outputShape].flat();
  if (sizes.length > 0 && sizes.every((size) => Number.isInteger(size) && size > 0)) return sizes;
  throw invalidArgument("outputShape", {
    expected: "a positive whole number, or a list of them",
    received: outputShape,
  });
}

/** Refuses inputs that don't fit together. */
export function checkShapes({ query, value, key }: Record<"query" | "value" | "key", Shape>): void {
  const isSequence = [query, value, key].every((shape) => Array.isArray(shape) && shape.length > 2);
  const places = (shape: Shape) => shape.slice(1, -1).join();
  if (isSequence && places(value) === places(key)) return;
  throw invalidArgument("inputs", {
    expected: "[query, value] or [query, value, key] of at least 3 axes, as many values as keys",
    received: [query, value, key],
  });
}
