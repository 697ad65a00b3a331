/** What goes into a loop over steps, and what comes out of it. */
import { DType, type KeySource } from "../../engine";
import { GraphError, type HostTensor, scrambledKey } from "../../graph";
import type { CompiledLoop } from "./manySteps";

/** The feeds of one call. */
export function loopFeeds(
  loop: CompiledLoop,
  call: {
    feeds: HostTensor[];
    keys: [number, number][];
    batches: number;
    turns: number;
    xla: boolean;
    learningRate?: number | readonly number[];
  },
): Record<string, HostTensor> {
  const { feeds, keys, batches, turns, xla, learningRate = 0 } = call;
  const values: Record<string, HostTensor> = {};
  loop.feeds.forEach((feed, i) => {
    values[feed] = feeds[i]!;
  });
  if (loop.turnsFeed !== undefined) {
    values[loop.turnsFeed] = { dtype: DType.int32, shape: [], data: Int32Array.of(turns) };
  }
  const rates = Float32Array.from({ length: batches }, (_, turn) =>
    typeof learningRate === "number" ? learningRate : (learningRate[turn] ?? 0),
  );
  values[loop.ratesFeed] = { dtype: DType.float32, shape: [batches], data: rates };
  if (loop.keys !== undefined) {
    const shape = [batches, keys.length / batches, 2];
    if (xla) {
      const data = BigInt64Array.from(keys.flatMap(scrambledKey));
      values[loop.keys.xla] = { dtype: DType.int64, shape, data };
    } else {
      values[loop.keys.plain] = { dtype: DType.int32, shape, data: Int32Array.from(keys.flat()) };
    }
  }
  return values;
}

/** The keys of a call, step by step, so that the numbers drawn are those of single steps; zeros where there is none. */
export function drawKeys(
  keys: KeySource[],
  { batches, turns }: { batches: number; turns: number },
): [number, number][] {
  return Array.from({ length: batches }, (_, turn) =>
    keys.map((source): [number, number] => (turn < turns ? source.next() : [0, 0])),
  ).flat();
}

/** Whole numbers as int64 where a loop keeps them so. */
export function withDtype(values: HostTensor, dtype: number): HostTensor {
  if (values.dtype === dtype || dtype !== DType.int64) return values;
  return { ...values, dtype, data: BigInt64Array.from(values.data as Int32Array, BigInt) };
}

/** The rows of a float32 matrix. */
export function rowsOf({ data, shape: [rows = 0, columns = 0] }: HostTensor): number[][] {
  const numbers = data as Float32Array;
  return Array.from({ length: rows }, (_, row) =>
    Array.from(numbers.subarray(row * columns, (row + 1) * columns)),
  );
}

/** Whether an error says that XLA can't compile a graph, and not that the graph failed. */
export function isRefusedByXla(error: unknown): error is GraphError {
  const { cause, message } = error as GraphError;
  const text = cause instanceof Error ? cause.message : message;
  return (
    error instanceof GraphError &&
    /XLA|tf2xla|unsupported operations|compil|from device/i.test(text)
  );
}
