/** Runs a graph; the work happens off the main thread. */

import { type NativeCall, type NativeOutput, type NativeSession, nativeModule } from "../native";
import { DType, LARGEST_ARRAY } from "../tfjs";
import type { GraphBuilder, Output } from "./graphBuilder";
import { GraphError, graphError } from "./graphError";
import type { HostArray, HostStrings, HostTensor } from "./hostTensor";

/** A placeholder as a call feeds it. */
export interface Feed {
  /** The placeholder. */
  name: string;
  /** One of `DType`. */
  dtype: number;
  /** A first size of -1 is as large as the values that are fed. */
  shape: readonly number[];
}

/** What a run wants of a graph. */
export interface Wanted {
  /**
   * Values to return.
   *
   * @default []
   */
  fetches?: Output[];
  /**
   * Nodes to run for their effect.
   *
   * @default []
   */
  targets?: string[];
}

/** How a graph runs. */
export interface SessionOptions {
  /**
   * What is done in parallel. `"nodes"`: nodes, and parts of what each does. `"parts"`: one node after another, each
   * on all threads, which takes less memory. `"nothing"`: a run stays in one thread, for graphs whose nodes take less
   * time than handing them over.
   *
   * @default "nodes"
   */
  parallel?: "nodes" | "parts" | "nothing";
  /**
   * The server through which the graph computes together with those of other processes. Nodes are in parallel there.
   *
   * @default none
   */
  place?: Place;
}

/** A server of TensorFlow's in this process, and how sessions use it. */
export interface Place {
  /** The server's target. */
  target: string;
  /** A serialised ConfigProto. */
  config: Uint8Array;
}

const levels = { nothing: 0, parts: 1, nodes: 2 } as const;

/** A part of a graph whose names are looked up, to be run again and again. */
export interface Call {
  /**
   * Runs it. The arrays are read while the graph runs: leave them unchanged until the promise settles. Several runs
   * may be under way at once.
   *
   * @param values Row-major values, one for each feed, in order.
   * @returns The fetched values, in order.
   * @throws GraphError when a kernel fails, values don't fill a shape, a result is larger than an array can be, or the
   *   session is closed.
   */
  run(values: readonly (HostArray | readonly string[])[]): Promise<HostTensor[]>;
  /**
   * Runs it several times, one after another, without a way back to JavaScript in between.
   *
   * @param values What `run` takes, for each run; all of it is read until the promise settles.
   * @returns What each run gave, up to the first that failed, and why that one did.
   * @throws GraphError before the first run, when values don't fill a shape or the session is closed.
   */
  runEach(values: readonly (readonly (HostArray | readonly string[])[])[]): Promise<Runs>;
}

/** What came of several runs. */
export interface Runs {
  /** The fetched values of each run that succeeded. */
  results: HostTensor[][];
  /** What ended the run after these; undefined where all succeeded. */
  failure: GraphError | undefined;
}

/** A graph with its own variables, ready to run. Close it, or its memory stays until the process ends. */
export class Session {
  /** When each run that is under way began. */
  private readonly underWay = new Set<{ since: number; runs: number }>();

  private isAborted = false;

  private constructor(private native: NativeSession | undefined) {}

  /**
   * Opens one; the graph is imported off the main thread, too.
   *
   * @param graph The graph, or its GraphDef message, which is read until the promise settles.
   * @param options As `SessionOptions` says.
   * @throws GraphError when TensorFlow refuses the graph.
   */
  static async open(
    graph: GraphBuilder | Uint8Array,
    options: SessionOptions = {},
  ): Promise<Session> {
    const definition = graph instanceof Uint8Array ? graph : graph.toMessage().finish();
    try {
      const { place, parallel = "nodes" } = options;
      const level = place === undefined ? levels[parallel] : levels.nodes;
      const { target = "", config = new Uint8Array(0) } = place ?? {};
      const session = new Session(
        await nativeModule().createSession(definition, level, LARGEST_ARRAY, target, config),
      );
      if (place !== undefined) {
        const others = atServers.get(target) ?? new Set();
        atServers.set(target, others.add(session));
      }
      return session;
    } catch (cause) {
      throw graphError("TensorFlow refused the graph", cause);
    }
  }

  /**
   * Looks up the names of a part of the graph, once for all its runs.
   *
   * @param feeds The placeholders, in the order in which their values will come.
   * @throws GraphError when a name is unknown or the session is closed.
   */
  prepare(feeds: readonly Feed[], wanted: Wanted = {}): Call {
    if (this.native === undefined) throw new GraphError("The session is closed.");
    const { fetches = [], targets = [] } = wanted;
    const named = feeds.map(({ name, dtype, shape }): NativeFeed => [name, dtype, shape]);
    const native = nativeModule();
    let call: NativeCall;
    try {
      call = native.prepareCall(this.native, named, fetches, targets);
    } catch (cause) {
      throw graphError("The graph failed", cause);
    }
    const { underWay } = this;
    return {
      async run(values) {
        const run = { since: performance.now(), runs: 1 };
        underWay.add(run);
        try {
          return (await native.run(call, values)).map(hostTensor);
        } catch (cause) {
          throw graphError("The graph failed", cause);
        } finally {
          underWay.delete(run);
        }
      },
      async runEach(values) {
        const run = { since: performance.now(), runs: values.length };
        underWay.add(run);
        try {
          const [outputs, problem] = await native.runEach(call, values);
          const failure =
            problem === "" ? undefined : graphError("The graph failed", new GraphError(problem));
          return { results: outputs.map((each) => each.map(hostTensor)), failure };
        } catch (cause) {
          throw graphError("The graph failed", cause);
        } finally {
          underWay.delete(run);
        }
      },
    };
  }

  /**
   * Runs the part of the graph that the fetches and targets need, once.
   *
   * @param feeds Values for placeholders, by name; they are read while the graph runs.
   * @param wanted What to return, and what to run for its effect.
   * @returns The fetched values, in order.
   * @throws GraphError when a kernel fails, a name is unknown or the session is closed.
   * @see prepare, for what runs more than once
   */
  async run(
    feeds: Record<string, HostTensor | HostStrings>,
    wanted: Wanted = {},
  ): Promise<HostTensor[]> {
    const named = Object.entries(feeds).map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
    return this.prepare(named, wanted).run(Object.values(feeds).map(({ data }) => data));
  }

  /** Ends the runs under way with an error, such as one that waits for another process. Only `close` is left to do. */
  abort(): void {
    if (this.native === undefined || this.isAborted) return;
    this.isAborted = true;
    nativeModule().abortSession(this.native);
  }

  /** Whether a run that nothing aborts has been under way for that long; of several in a row, each has that time. */
  isBusyFor(ms: number): boolean {
    if (this.isAborted) return false;
    const now = performance.now();
    return [...this.underWay].some(({ since, runs }) => now - since >= ms * runs);
  }

  /** Frees the graph and its variables; a run under way still ends well. Closing twice is harmless. */
  close(): void {
    if (this.native === undefined) return;
    for (const sessions of atServers.values()) sessions.delete(this);
    nativeModule().closeSession(this.native);
    this.native = undefined;
  }
}

/** The sessions that are open, by their servers' targets. */
const atServers = new Map<string, Set<Session>>();

/**
 * Aborts the sessions at a server in which a run has been under way for that long.
 *
 * @returns Whether there was one.
 */
export function abortRuns({ target }: Place, { ms }: { ms: number }): boolean {
  const late = [...(atServers.get(target) ?? [])].filter((session) => session.isBusyFor(ms));
  for (const session of late) session.abort();
  return late.length > 0;
}

type NativeFeed = [string, number, readonly number[]];

function hostTensor([dtype, shape, buffer]: NativeOutput): HostTensor {
  return { dtype, shape, data: hostArray(dtype, buffer) };
}

function hostArray(dtype: number, buffer: ArrayBuffer): HostArray {
  switch (dtype) {
    case DType.float32:
      return new Float32Array(buffer);
    case DType.float64:
      return new Float64Array(buffer);
    case DType.int32:
      return new Int32Array(buffer);
    case DType.int64:
      return new BigInt64Array(buffer);
    case DType.uint8:
    case DType.bool:
      return new Uint8Array(buffer);
    default:
      throw new GraphError(`A graph can't return values of dtype ${dtype}.`);
  }
}
