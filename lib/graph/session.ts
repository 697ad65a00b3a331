/** Runs a graph; the work happens off the main thread. */

import { type NativeOutput, type NativeSession, nativeModule } from "../native";
import { DType } from "../tfjs";
import type { GraphBuilder, Output } from "./graphBuilder";
import { GraphError, graphError } from "./graphError";

/** Values of numeric dtypes as JavaScript holds them. */
export type HostArray = Float32Array | Int32Array | Uint8Array | BigInt64Array | Float64Array;

/** A tensor in JavaScript's memory: what is fed to a graph and what comes back. */
export interface HostTensor {
  /** One of `DType`. */
  dtype: number;
  shape: readonly number[];
  /** Row-major values; strings for `DType.string`, which can only be fed. */
  data: HostArray | string[];
}

/** A graph with its own variables, ready to run. Close it, or its memory stays until the process ends. */
export class Session {
  private native: NativeSession | undefined;

  /**
   * @param graph The graph, or its GraphDef message.
   * @throws GraphError when TensorFlow refuses the graph.
   */
  constructor(graph: GraphBuilder | Uint8Array) {
    const definition = graph instanceof Uint8Array ? graph : graph.toMessage().finish();
    try {
      this.native = nativeModule().createSession(definition, new Uint8Array(0));
    } catch (cause) {
      throw graphError("TensorFlow refused the graph", cause);
    }
  }

  /**
   * Runs the part of the graph that the fetches and targets need.
   *
   * The fed arrays are read while the graph runs: leave them unchanged until the promise settles. Several runs
   * may be under way at once.
   *
   * @param feeds Values for placeholders, by name.
   * @param options.fetches Values to return. None by default.
   * @param options.targets Nodes to run for their effect. None by default.
   * @returns The fetched values, in order.
   * @throws GraphError when a kernel fails, a name is unknown or the session is closed.
   */
  async run(
    feeds: Record<string, HostTensor>,
    options: { fetches?: Output[]; targets?: string[] } = {},
  ): Promise<HostTensor[]> {
    if (this.native === undefined) throw new GraphError("The session is closed.");
    const entries = Object.entries(feeds).map(
      ([name, { dtype, shape, data }]) => [name, dtype, shape, data] as NativeFeed,
    );
    try {
      const outputs = await nativeModule().run(
        this.native,
        entries,
        options.fetches ?? [],
        options.targets ?? [],
      );
      return outputs.map(hostTensor);
    } catch (cause) {
      throw graphError("The graph failed", cause);
    }
  }

  /** Frees the graph and its variables; a run under way still ends well. Closing twice is harmless. */
  close(): void {
    if (this.native === undefined) return;
    nativeModule().closeSession(this.native);
    this.native = undefined;
  }
}

type NativeFeed = [string, number, readonly number[], HostArray | string[]];

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
