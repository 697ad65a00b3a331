/** Attention whose heads share keys and values in groups. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkWhole } from "../checks";
import { invalidArgument } from "../errors";
import type { Shape } from "../tfjs";
import { tf } from "../tfjs";
import { equationsOf } from "./attentionPlan";
import { HeadedAttention, type HeadOptions } from "./headedAttention";

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
export class GroupQueryAttention extends HeadedAttention {
  /** Keras' name of the class. */
  static className = "GroupQueryAttention";
  override readonly regularizesOutput = true; // beside the parts', as in Keras
  private readonly options: GroupQueryAttentionOptions;

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
    super({ ...options });
    this.options = options;
    this.equations = equationsOf(4, [1]);
  }

  protected get featuresOfHead(): number {
    return this.options.headDim;
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

  protected override shapesOf(inputShape: Shape | Shape[]) {
    const shapes = super.shapesOf(inputShape);
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

  /** Each head of keys or values as often as heads of queries share it. */
  protected shared(heads: Tensor): Tensor {
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
