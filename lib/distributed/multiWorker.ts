/** The strategy of several processes. */
import {
  checkBoolean,
  checkNumber,
  checkOneOf,
  type KnownOptions,
  rejectUnknownOptions,
} from "../checks";
import { ConvnetsError } from "../errors";
import type { Waiting } from "./address";
import { type Cluster, type ClusterOptions, readCluster } from "./cluster";
import { type GroupOptions, WorkerGroup } from "./group";

/** Options of `multiWorkerMirrored`. */
export interface MultiWorkerOptions extends ClusterOptions, GroupOptions {}

const known: KnownOptions<MultiWorkerOptions> = {
  cluster: true,
  task: true,
  allowPublicAddress: true,
  startSeconds: true,
  timeoutSeconds: true,
  gradientPrecision: true,
};

/** How a model is trained by several processes, each with a copy of it. @see multiWorkerMirrored */
export class MultiWorkerMirrored {
  private readonly cluster: Cluster | undefined;
  private group: Promise<WorkerGroup> | undefined;
  private isTaken = false;

  /** Made by `multiWorkerMirrored`. */
  constructor(private readonly options: MultiWorkerOptions) {
    rejectUnknownOptions(options, known, "multiWorkerMirrored");
    checkNumber("startSeconds", options.startSeconds, { above: 0 });
    checkNumber("timeoutSeconds", options.timeoutSeconds, { above: 0 });
    checkBoolean("allowPublicAddress", options.allowPublicAddress);
    checkOneOf("gradientPrecision", options.gradientPrecision, ["float32", "bfloat16"]);
    this.cluster = readCluster(options);
  }

  /** How many processes train. */
  get size(): number {
    return this.cluster?.addresses.length ?? 1;
  }

  /** Which of them this one is, from 0. */
  get rank(): number {
    return this.cluster?.index ?? 0;
  }

  /** Whether this process prints, saves and decides. */
  get isChief(): boolean {
    return this.rank === 0;
  }

  /**
   * Takes the strategy for one call: those of two at once would mix, and each worker's in another order.
   *
   * @returns What gives it back.
   * @throws ConvnetsError while another call has it.
   * @internal
   */
  take(): () => void {
    if (this.size === 1) return () => {};
    if (this.isTaken) {
      throw new ConvnetsError("`strategy` is in use: the workers compute for one call at a time.", {
        hint:
          "Await the `fit`, `evaluate` or `predict` that has it; in a callback, evaluate without it. " +
          "`validationData` is measured by all workers.",
      });
    }
    this.isTaken = true;
    return () => {
      this.isTaken = false;
    };
  }

  /**
   * Joins the others, once for all calls; undefined where there are none.
   *
   * @param waiting How to wait for the others.
   * @throws EnvironmentError when the server can't be started, or another worker isn't.
   * @internal
   */
  async join(waiting: Waiting): Promise<WorkerGroup | undefined> {
    const { cluster, options } = this;
    if (cluster === undefined || this.size === 1) return undefined;
    this.group ??= WorkerGroup.open(cluster, options, waiting);
    try {
      return await this.group;
    } catch (error) {
      this.group = undefined; // the next call may find them
      throw error;
    }
  }
}

/**
 * Trains a model in several processes, each on its part of every batch: on one machine or on several. Each runs the same
 * script, and TF_CONFIG tells it who the others are and which of them it is, as in Keras.
 *
 * The first is the chief: it prints, saves and decides, and its weights are what all start from. What is computed is
 * what one process would with whole batches, whichever way they split.
 *
 * @param options Where the others are, if TF_CONFIG doesn't say.
 * @returns For the option `strategy` of `fit`, `evaluate` and `predict`.
 * @throws InvalidArgumentError for a cluster that is none.
 * @example
 * import { fit, multiWorkerMirrored, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: "adam", loss: "meanSquaredError" });
 * const data: [tf.Tensor, tf.Tensor] = [tf.randomNormal([64, 2]), tf.zeros([64, 1])];
 * await fit(model, data, { epochs: 3, strategy: multiWorkerMirrored() });
 * @see https://keras.io/guides/distributed_training_with_tensorflow/
 */
export function multiWorkerMirrored(options: MultiWorkerOptions = {}): MultiWorkerMirrored {
  return new MultiWorkerMirrored(options);
}
