/** Attention in several heads, each with queries, keys and values of its own. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkWhole } from "../checks";
import { invalidArgument } from "../errors";
import type { CallArguments, Masks, Shape } from "../tfjs";
import { type MaskName, masksOfInputs } from "./attentionCall";
import { equationsOf, projectionOf } from "./attentionPlan";
import { einsumShape } from "./einsum";
import { HeadedAttention, type HeadOptions } from "./headedAttention";

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

/** Attends in several heads. */
export class MultiHeadAttention extends HeadedAttention {
  /** Keras' name of the class. */
  static className = "MultiHeadAttention";
  private readonly options: MultiHeadAttentionOptions;
  private readonly outputSizes: number[] | undefined;

  constructor(options: MultiHeadAttentionOptions) {
    checkWhole("numHeads", options.numHeads, { low: 1, required: true });
    checkWhole("keyDim", options.keyDim, { low: 1, required: true });
    checkWhole("valueDim", options.valueDim ?? undefined, { low: 1 });
    const outputSizes = sizesOf(options.outputShape ?? undefined);
    const axes = [options.attentionAxes ?? []].flat();
    if (!axes.every(Number.isInteger)) {
      throw invalidArgument("attentionAxes", {
        expected: "a whole number, or a list of them",
        received: options.attentionAxes,
      });
    }
    const { outputShape: _, ...others } = options;
    super(others);
    this.options = options;
    this.outputSizes = outputSizes;
  }

  /** Keras 3.15.1 takes a `query_mask` and doesn't look at it: of a file one is read, of one's own refused. */
  protected override get masks(): readonly MaskName[] {
    return super.masks.filter((name) => name !== "queryMask");
  }

  protected override masksOfCall(inputs: Tensor[], kwargs: CallArguments): Masks {
    return super.masksOfCall(inputs, kwargs).with(0, masksOfInputs(kwargs)[0]);
  }

  protected get featuresOfHead(): number {
    return this.options.keyDim;
  }

  protected shared(heads: Tensor): Tensor {
    return heads;
  }

  override build(inputShape: Shape | Shape[]): void {
    const { query, value, key } = this.shapesOf(inputShape);
    const { numHeads, keyDim, useGate } = this.options;
    const valueDim = this.options.valueDim ?? keyDim;
    const { useBias } = this;
    const rank = value.length + 1;
    this.equations = equationsOf(rank, this.attendedAxes(value.length));
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

  /** The output's shape for those of the inputs, and with the scores theirs. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const { query, value } = this.shapesOf(inputShape);
    const output: Shape = [...query.slice(0, -1), ...(this.outputSizes ?? [query.at(-1)!])];
    if (this.arranged.returnAttentionScores !== true) return output;
    const { numHeads, keyDim } = this.options;
    const projected = [value, query].map((shape) => [...shape.slice(0, -1), numHeads, keyDim]);
    return [output, einsumShape(this.equations.scores, projected)];
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
