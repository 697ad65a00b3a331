/** The strategy of several processes, and the group of workers that a call joins by it. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkNumber, type KnownOptions, rejectUnknownOptions } from "../checks";
import { ConvnetsError } from "../errors";
import type { GraphBuilder, GraphVariable, Output, Place } from "../graph";
import { type Cluster, type ClusterOptions, readCluster } from "./cluster";
import { addBroadcast, differentiableSum, type Party, sumOverWorkers } from "./collective";
import { Exchange } from "./exchange";
import { startServer } from "./server";

/** Options of `multiWorkerMirrored`. */
export interface MultiWorkerOptions extends ClusterOptions {
  /** Seconds after which a worker that waits for the others gives up: longer than a checkpoint takes. @default 600 */
  timeoutSeconds?: number;
}

const known: KnownOptions<MultiWorkerOptions> = { cluster: true, task: true, timeoutSeconds: true };

/** A worker of the group is gone, or didn't come in time: nothing more can be computed together. */
export class WorkerLostError extends ConvnetsError {}

/** How a model is trained by several processes, each with a copy of it. @see multiWorkerMirrored */
export class MultiWorkerMirrored {
  private readonly cluster: Cluster | undefined;
  private readonly timeout: number;
  private group: Promise<WorkerGroup> | undefined;

  constructor(options: MultiWorkerOptions) {
    rejectUnknownOptions(options, known, "multiWorkerMirrored");
    checkNumber("timeoutSeconds", options.timeoutSeconds, { above: 0 });
    this.cluster = readCluster(options);
    this.timeout = options.timeoutSeconds ?? 600;
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
   * Joins the others, once for all calls; undefined where there are none.
   *
   * @throws EnvironmentError when the server can't be started.
   * @internal
   */
  join(): Promise<WorkerGroup> | undefined {
    const { cluster, size, rank, timeout } = this;
    if (cluster === undefined || size === 1) return undefined;
    this.group ??= WorkerGroup.open(cluster, { size, rank, timeout });
    return this.group;
  }
}

/** Servers that this process has started, by what they are for: TensorFlow's have no end. */
const places = new Map<string, Place>();

/** The workers of a cluster, as one of them sees them. */
export class WorkerGroup implements Party {
  readonly size: number;
  readonly rank: number;
  readonly timeout: number;
  private lost: WorkerLostError | undefined;

  private constructor(
    party: Party,
    readonly place: Place,
    private readonly exchange: Exchange,
    private readonly addresses: readonly string[],
  ) {
    this.size = party.size;
    this.rank = party.rank;
    this.timeout = party.timeout;
  }

  static async open({ addresses, index }: Cluster, party: Party): Promise<WorkerGroup> {
    const key = JSON.stringify([addresses, index]);
    const place = places.get(key) ?? startServer({ addresses, rank: index });
    places.set(key, place);
    return new WorkerGroup(party, place, await Exchange.open(party, place), addresses);
  }

  /** Whether this worker prints, saves and decides. */
  get isChief(): boolean {
    return this.rank === 0;
  }

  /** Sums over all workers, as part of a step that is traced. */
  sum(tensors: readonly Tensor[], kind: string): Tensor[] {
    return sumOverWorkers(this, tensors, kind);
  }

  /** A sum over all workers that gradients go through. */
  differentiableSum(tensor: Tensor, kind: string): Tensor {
    return differentiableSum(this, tensor, kind);
  }

  /** Adds what gives all workers the chief's variables to a graph; returns the node that does it. */
  addBroadcast(graph: GraphBuilder, variables: readonly GraphVariable[]): Output {
    return graph.group(addBroadcast(graph, variables, this), "broadcast");
  }

  /** Gives all workers what each of them has, as JSON has it; by rank. */
  async exchangeData<T>(own: T): Promise<T[]> {
    const all = await this.gather(Buffer.from(JSON.stringify(own, withoutNumber) ?? "null"));
    return all.map((bytes) => JSON.parse(Buffer.from(bytes).toString(), withNumber) as T);
  }

  /** Gives all workers the bytes that each of them has; by rank. */
  gather(bytes: Uint8Array): Promise<Uint8Array[]> {
    return this.guard(() => this.exchange.gather(bytes));
  }

  /**
   * Does what needs the others.
   *
   * @throws WorkerLostError when they don't answer; from then on always.
   */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    if (this.lost !== undefined) throw this.lost;
    try {
      return await work();
    } catch (cause) {
      throw this.end(cause);
    }
  }

  /** Leaves the group, whose other workers then can't go on either. @returns What is to be thrown. */
  end(cause: unknown): unknown {
    const isFirst = this.lost === undefined;
    const code = codeOf(cause);
    this.lost ??= new WorkerLostError(`${this.whoIsLost(cause)}.`, { cause, hint: HINT });
    if (isFirst) this.exchange.abort();
    return code === undefined ? cause : this.lost;
  }

  private whoIsLost(cause: unknown): string {
    if (codeOf(cause) === undefined)
      return "The workers have parted: a call on this one has failed";
    const text = String((cause as Error).message);
    if (codeOf(cause) === DEADLINE_EXCEEDED) {
      return `The workers have parted: one of them didn't come within ${this.timeout} seconds`;
    }
    const rank = /\/task:(\d+)/.exec(text)?.[1];
    const address = rank === undefined ? undefined : this.addresses[Number(rank)];
    return address === undefined || Number(rank) === this.rank
      ? "The workers have parted: another one is gone, or has failed"
      : `The workers have parted: worker ${rank} (${address}) is gone, or has failed`;
  }
}

/** NaN and infinities, which JSON doesn't have, as texts that nobody writes. */
function withoutNumber(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? `\u0000${value}` : value;
}

function withNumber(_key: string, value: unknown): unknown {
  return typeof value === "string" && value.startsWith("\u0000") ? Number(value.slice(1)) : value;
}

const HINT =
  "Start all workers again; in this process, make another strategy with other ports, or train without one.";

const DEADLINE_EXCEEDED = 4;

/** Cancelled, deadline exceeded, aborted, unavailable: what others have caused. */
const OF_OTHERS: readonly number[] = [1, DEADLINE_EXCEEDED, 10, 14];

/** TensorFlow's code of an error that another worker has caused. */
function codeOf(error: unknown): number | undefined {
  const [, code] = /\[(\d+)\] /.exec(error instanceof Error ? error.message : "") ?? [];
  return OF_OTHERS.includes(Number(code)) ? Number(code) : undefined;
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
