/** Attention whose heads share keys and values in groups. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkWhole } from "../checks";
import type { KeySource } from "../engine";
import { invalidArgument } from "../errors";
import type { ArrangedCall, CallArguments, Config, Shape, TakesArguments } from "../tfjs";
import { tf } from "../tfjs";
import { attendByKernel, attendByScores } from "./attend";
import {
  arrangeAttention,
  callArguments,
  isSymbolic,
  masksOfCall,
  partsOfCall,
} from "./attentionCall";
import { equationsOf } from "./attentionPlan";
import type { Dropout } from "./dropout";
import { ProjectingLayer, type Projection, type ProjectionOptions, project } from "./einsumDense";
import { checkHeads, checkShapes, dropoutOf, type HeadOptions } from "./multiHeadAttention";
import { visibility } from "./visibility";

/** Options of `layers.groupQueryAttention`. */
export interface GroupQueryAttentionOptions extends HeadOptions {
  /** Features of queries, keys and values, in each head. */
  headDim: number;
  /** How many heads of queries there are; a multiple of `numKeyValueHeads`. */
  numQueryHeads: number;
  /** How many heads of keys and values there are. */
  numKeyValueHeads: number;
}

/** Attends in groups of heads. */
export class GroupQueryAttention extends ProjectingLayer implements TakesArguments {
  /** Keras' name of the class. */
  static className = "GroupQueryAttention";
  readonly callArguments = callArguments;
  private readonly options: GroupQueryAttentionOptions;
  private readonly dropout: Dropout | undefined;
  private projections!: Record<"query" | "key" | "value" | "output", Projection> & {
    gate?: Projection;
  };
  /** The call that is made, for the shape of what it gives. */
  private arranged: CallArguments = {};

  constructor(options: GroupQueryAttentionOptions) {
    const { headDim, numQueryHeads, numKeyValueHeads } = options;
    for (const [name, size] of Object.entries({ headDim, numQueryHeads, numKeyValueHeads })) {
      checkWhole(name, size, { low: 1, required: true });
    }
    if (numQueryHeads % numKeyValueHeads !== 0) {
      throw invalidArgument("numQueryHeads", {
        expected: `a multiple of the ${numKeyValueHeads} heads of keys`,
        received: numQueryHeads,
      });
    }
    checkHeads(options);
    super({ ...options } as ProjectionOptions & Config);
    this.supportsMasking = false; // tfjs would want a mask for each output
    this.inputSpec = [];
    this.options = options;
    this.dropout = dropoutOf(this.name, options);
  }

  /** Hands out the keys for what is dropped; none where nothing is. */
  get keys(): KeySource | undefined {
    return this.dropout?.keys;
  }

  arrangeCall(call: ArrangedCall): ArrangedCall {
    const arranged = arrangeAttention(call, { title: "GroupQueryAttention", masksScores: true });
    if (!this.built || isSymbolic(arranged)) this.arranged = arranged.kwargs;
    return arranged;
  }

  override build(inputShape: Shape | Shape[]): void {
    const { query, value, key } = this.shapesOf(inputShape);
    const { headDim, numQueryHeads, numKeyValueHeads, useGate } = this.options;
    const heads = (name: string, shape: Shape, count: number) =>
      this.addProjection(
        {
          equation: "btm,mnh->btnh",
          outputShape: [null, count, headDim],
          biasAxes: this.useBias ? "nh" : null,
        },
        shape,
        `${name}/`,
      );
    this.projections = {
      query: heads("query", query, numQueryHeads),
      key: heads("key", key, numKeyValueHeads),
      ...(useGate && { gate: heads("gate", query, numQueryHeads) }),
      value: heads("value", value, numKeyValueHeads),
      output: this.addProjection(
        {
          equation: "btnh,nhm->btm",
          outputShape: [null, query.at(-1)!],
          biasAxes: this.useBias ? "m" : null,
        },
        [...query.slice(0, -1), numQueryHeads, headDim],
        "attention_output/",
      ),
    };
    this.built = true;
  }

  private shapesOf(inputShape: Shape | Shape[]) {
    const shapes = partsOfCall(inputShape as Shape[], this.arranged);
    checkShapes(shapes);
    const { query, value } = shapes;
    if (query.length === 3 && query.at(-1) === value.at(-1)) return shapes;
    throw invalidArgument("inputs", {
      expected: "sequences [batch, steps, features], queries and values of the same features",
      received: [query, value],
    });
  }

  /** The output's shape for those of the inputs, and with the scores theirs. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const { query, value } = this.shapesOf(inputShape);
    if (this.arranged.returnAttentionScores !== true) return query;
    return [query, [query[0]!, this.options.numQueryHeads, query[1]!, value[1]!]];
  }

  /** Computes the layer's output, with the scores where they are asked for; the caller disposes them. */
  override call(inputs: Tensor | Tensor[], kwargs: CallArguments = {}): Tensor | Tensor[] {
    return tf.tidy(() => {
      const list = inputs as Tensor[];
      const { query, value, key, attentionMask } = partsOfCall(list, kwargs);
      const { projections, dropout } = this;
      const { slidingWindow = null, headDim } = this.options;
      const returnsScores = kwargs.returnAttentionScores === true;
      const projected = {
        query: project(query, projections.query),
        key: this.repeated(project(key, projections.key)),
        value: this.repeated(project(value, projections.value)),
        mask: visibility({
          ...{ query, value, attentionMask, slidingWindow, masks: masksOfCall(kwargs) },
          useCausalMask: kwargs.useCausalMask === true,
        }),
        scale: 1 / Math.sqrt(headDim),
      };
      const drop = (shares: Tensor) => dropout?.call(shares, kwargs) ?? shares;
      const { output, shares } =
        dropout === undefined && !returnsScores
          ? { output: attendByKernel(projected), shares: undefined }
          : attendByScores({ ...projected, equations: equationsOf(4, [1]), drop });
      const { gate } = projections;
      const attended = gate ? tf.mul(output, tf.sigmoid(project(query, gate))) : output;
      const result = project(attended, projections.output);
      return shares !== undefined && returnsScores ? [result, shares] : result;
    });
  }

  /** Each head of keys or values as often as heads of queries share it. */
  private repeated(heads: Tensor): Tensor {
    const { numQueryHeads, numKeyValueHeads } = this.options;
    const times = numQueryHeads / numKeyValueHeads;
    if (times === 1) return heads;
    const apart = tf.tile(tf.expandDims(heads, 3), [1, 1, 1, times, 1]);
    return tf.reshape(apart, heads.shape.with(2, numQueryHeads));
  }

  /** The layer's options, as plain data. */
  override getConfig() {
    const { headDim, numQueryHeads, numKeyValueHeads } = this.options;
    const { dropout = 0, useGate = false, slidingWindow = null, seed = null } = this.options;
    return {
      ...super.getConfig(),
      ...{ headDim, numQueryHeads, numKeyValueHeads, dropout, useGate, slidingWindow, seed },
    };
  }
}
