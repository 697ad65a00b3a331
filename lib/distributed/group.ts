/** The workers of a cluster, as one of them sees them. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { ConvnetsError } from "../errors";
import {
  abortRuns,
  type GraphBuilder,
  type GraphVariable,
  type Output,
  type Place,
} from "../graph";
import {
  avoidProxies,
  type ListenOptions,
  ownAddress,
  type Waiting,
  waitForWorkers,
} from "./address";
import type { Cluster } from "./cluster";
import {
  addBroadcast,
  differentiableSum,
  type GradientPrecision,
  type Party,
  sumOverWorkers,
} from "./collective";
import { Exchange, LARGE, PartingError, SMALL } from "./exchange";
import { openLifelines } from "./lifelines";
import { forBfloat16, startServer } from "./server";

/** How workers wait for each other, and where they listen. @inline */
export interface GroupOptions extends ListenOptions {
  /** Seconds to wait for the other workers to be started. @default 300 */
  startSeconds?: number;
  /** Seconds after which a worker that waits for the others gives up: longer than a checkpoint takes. @default 600 */
  timeoutSeconds?: number;
  /**
   * How gradients go from worker to worker. `"bfloat16"` sends half the bytes, and rounds each gradient and each sum of
   * them to 8 binary digits; weights, losses and statistics stay as they are. @default "float32"
   */
  gradientPrecision?: "float32" | "bfloat16";
}

/** A worker of the group is gone, or didn't come in time: nothing more can be computed together. */
export class WorkerLostError extends ConvnetsError {}

/** Servers that this process has started, by what they are for: TensorFlow's have no end. */
const places = new Map<string, Place>();

/** The workers of a cluster, as one of them sees them. */
export class WorkerGroup implements Party {
  readonly size: number;
  readonly rank: number;
  readonly gradientPrecision: GradientPrecision;
  private lost: WorkerLostError | undefined;
  private bulk: Promise<Exchange> | undefined;
  /** The first whose process was seen to have ended. */
  private gone: number | undefined;
  /** Whether what others didn't come to was ended. */
  private isLate = false;
  private readonly endings = new Set<() => void>();
  /** Why this worker has left, if it was the first. */
  private ownCause: unknown;
  private left: Promise<void> | undefined;

  private constructor(
    party: Required<Party>,
    private readonly place: Place,
    private readonly exchange: Exchange,
    private readonly use: { addresses: readonly string[]; timeout: number },
  ) {
    this.size = party.size;
    this.rank = party.rank;
    this.gradientPrecision = party.gradientPrecision;
  }

  static async open(
    cluster: Cluster,
    options: GroupOptions,
    waiting: Waiting,
  ): Promise<WorkerGroup> {
    const { addresses, index: rank } = cluster;
    const { startSeconds = 300, timeoutSeconds: timeout = 600 } = options;
    const key = JSON.stringify([addresses, rank]);
    let place = places.get(key);
    if (place === undefined) {
      const address = await ownAddress(cluster, options);
      avoidProxies(cluster);
      place = startServer({ addresses, rank }, address);
      places.set(key, place);
    }
    await waitForWorkers(cluster, { ...waiting, timeoutMs: 1000 * startSeconds });
    const { gradientPrecision = "float32" } = options;
    const party = { size: addresses.length, rank, gradientPrecision };
    const exchange = await Exchange.open(party, place, SMALL);
    const group = new WorkerGroup(party, place, exchange, { addresses, timeout });
    openLifelines(cluster, (gone) => group.lose(gone));
    return group;
  }

  /** Parts from the others where one has ended between two calls: it can't come to the next. */
  begin(): void {
    if (this.gone === undefined || this.lost !== undefined) return;
    const gone = `worker ${this.gone} (${this.use.addresses[this.gone]})`;
    const message = `The workers have parted: ${gone} has ended since the last call with this strategy.`;
    this.lost = new WorkerLostError(message, { hint: HINT });
    for (const ending of this.endings) ending();
  }

  /** Of several, the first is told of. */
  private lose(rank: number): void {
    this.gone ??= rank;
  }

  /** Ends what waits for others too long; for those that are gone a moment, in which it may come to its end. */
  private look(): void {
    const ms = this.gone === undefined ? 1000 * this.use.timeout : LOOK_MS;
    if (abortRuns(this.place, { ms }) && this.gone === undefined) this.isLate = true;
  }

  /** Whether this worker prints, saves and decides. */
  get isChief(): boolean {
    return this.rank === 0;
  }

  /** Where graphs run that compute in a precision. */
  placeFor(precision: "float32" | "bfloat16"): Place {
    return precision === "bfloat16" ? forBfloat16(this.place) : this.place;
  }

  /** Sums over all workers, as part of a step that is traced. */
  sum(tensors: readonly Tensor[], kind: string, options?: { areGradients: boolean }): Tensor[] {
    return sumOverWorkers(this, tensors, kind, options);
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
    const text = JSON.stringify(own, withoutNumber) ?? "null";
    const all = await this.guard(() => this.exchange.gather(Buffer.from(text)));
    return all.map((bytes) => JSON.parse(Buffer.from(bytes).toString(), withNumber) as T);
  }

  /** Gives all workers the bytes that each of them has, which may be many; by rank. */
  gather(bytes: Uint8Array): Promise<Uint8Array[]> {
    this.bulk ??= Exchange.open(this, this.place, LARGE);
    return this.guard(async () => (await this.bulk!).gather(bytes));
  }

  /**
   * Does what needs the others.
   *
   * @throws WorkerLostError when they don't answer; from then on always.
   */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    if (this.lost !== undefined) throw this.lost;
    const watch = setInterval(() => this.look(), LOOK_MS).unref();
    try {
      return await work();
    } catch (cause) {
      throw await this.end(cause);
    } finally {
      clearInterval(watch);
    }
  }

  /** Calls `ending` when nothing more can be computed together, until the function that this returns is called. */
  onEnd(ending: () => void): () => void {
    this.endings.add(ending);
    return () => this.endings.delete(ending);
  }

  /**
   * Leaves the group, whose other workers then can't go on either; what this one waits for fails.
   *
   * @param cause Why.
   * @returns What is to be thrown.
   */
  async end(cause: unknown): Promise<unknown> {
    // What was under way when the workers parted fails in whatever way.
    const isLate = this.lost !== undefined && codeIn(cause) !== undefined;
    const isOwn = !isLate && codeOf(cause) === undefined && !(cause instanceof PartingError);
    if (this.lost === undefined) {
      const message = `The workers have parted: ${this.reasonOf(cause)}.`;
      this.lost = new WorkerLostError(message, { cause, hint: HINT });
      if (isOwn) this.ownCause = cause;
      for (const ending of this.endings) ending();
      if (!(cause instanceof PartingError)) this.left = this.exchange.leave(firstLine(cause));
    }
    await this.left;
    return isOwn ? cause : (this.ownCause ?? this.lost);
  }

  private reasonOf(cause: unknown): string {
    if (cause instanceof PartingError) {
      const { rank, reason } = cause;
      return `worker ${rank} (${this.use.addresses[rank]}) has failed: ${reason.replace(/\.$/, "")}`;
    }
    const code = codeOf(cause);
    if (code === undefined) return "a call on this one has failed";
    if (this.gone !== undefined)
      return `worker ${this.gone} (${this.use.addresses[this.gone]}) is gone`;
    if (this.isLate) return `one of them didn't come within ${this.use.timeout} seconds`;
    const named = [...wholeMessage(cause as Error).matchAll(/\/task:(\d+)/g)].map(([, rank]) =>
      Number(rank),
    );
    const rank = named.find((each) => each !== this.rank && each < this.size);
    return rank === undefined
      ? "another one is gone, or has failed"
      : `worker ${rank} (${this.use.addresses[rank]}) is gone, or has failed`;
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
}

/** What TensorFlow has said, in all its lines. */
function wholeMessage({ cause, message }: Error): string {
  return cause instanceof Error ? `${message}\n${wholeMessage(cause)}` : message;
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

/** How often to look; how long a run may take that needs a worker whose process has ended. */
const LOOK_MS = 1000;

/** Cancelled, deadline exceeded, aborted, unavailable: what others have caused. */
const OF_OTHERS: readonly number[] = [1, 4, 10, 14];

/** TensorFlow's code of an error that another worker has caused. */
function codeOf(error: unknown): number | undefined {
  const code = codeIn(error);
  return code !== undefined && OF_OTHERS.includes(code) ? code : undefined;
}

/** TensorFlow's code of an error of a session that several workers have. */
function codeIn(error: unknown): number | undefined {
  const [, code] = /\[(\d+)\] /.exec(error instanceof Error ? error.message : "") ?? [];
  return code === undefined ? undefined : Number(code);
}
