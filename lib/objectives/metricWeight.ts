/** Sums that a metric of a user's own keeps. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkList, checkText, isWithin, rejectUnknownOptions } from "../checks";
import { ConvnetsError } from "../errors";
import { tf } from "../tfjs";

/** Options of `addWeight` of a metric. */
export interface MetricWeightOptions {
  /** Its name in messages. @default "weight" */
  name?: string;
  /** Its sizes. @default one number, `[]` */
  shape?: readonly number[];
}

/** A sum over the batches of an epoch: `updateState` adds to it, `result` reads it. */
export class MetricWeight {
  /** Its name in messages. */
  readonly name: string;
  /** Its sizes. */
  readonly shape: readonly number[];
  private added: Tensor | undefined;
  private sum: Tensor | undefined;

  /** @throws InvalidArgumentError for sizes that aren't whole numbers from 1. */
  constructor(options: MetricWeightOptions = {}) {
    rejectUnknownOptions(options, { name: true, shape: true }, "addWeight()");
    const { name = "weight", shape = [] } = options;
    checkText("name", name, { what: "a name" });
    const isSize = (size: unknown) => Number.isInteger(size) && isWithin(size, { low: 1 });
    if (!Array.isArray(shape) || shape.length > 0) {
      checkList("shape", shape, { what: "whole numbers from 1", fits: isSize });
    }
    this.name = name;
    this.shape = shape;
  }

  /** The sum so far, float32 in its shape, of the library; only while `result` computes. */
  get value(): Tensor {
    if (this.sum !== undefined) return this.sum;
    throw new ConvnetsError(`The metric's weight "${this.name}" is read outside of \`result\`.`, {
      hint: "`updateState` sees one batch, and adds what it contributes with `assignAdd`.",
    });
  }

  /**
   * Adds what a batch contributes.
   *
   * @param values A number, or a tensor in the weight's shape.
   * @throws ConvnetsError outside of `updateState`, and for another shape.
   */
  assignAdd(values: Tensor | number): void {
    if (this.added === undefined) {
      throw new ConvnetsError(
        `The metric's weight "${this.name}" is added to outside of \`updateState\`.`,
      );
    }
    // Kept, since the user may tidy up meanwhile.
    const sum = tf.keep(tf.tidy(() => tf.add(this.added!, tf.cast(values, "float32"))));
    if (sum.rank !== this.shape.length || sum.size !== this.added.size) {
      sum.dispose();
      throw new ConvnetsError(
        `The metric's weight "${this.name}" has the shape [${this.shape}], and what is added makes it [${sum.shape}].`,
      );
    }
    this.added.dispose();
    this.added = sum;
  }

  /** @internal What is added meanwhile, from nothing. */
  adding(work: () => void): Tensor {
    this.added = tf.keep(tf.zeros([...this.shape]));
    try {
      work();
      return tf.reshape(this.added, [...this.shape]);
    } finally {
      this.added.dispose();
      this.added = undefined;
    }
  }

  /** @internal Lets the sum be read meanwhile. */
  reading<T>(sum: Tensor, work: () => T): T {
    this.sum = sum;
    try {
      return work();
    } finally {
      this.sum = undefined;
    }
  }
}
