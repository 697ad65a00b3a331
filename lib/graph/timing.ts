/** How long graphs take, one beside another. */
import { DType } from "../tfjs";
import type { GraphBuilder } from "./graphBuilder";
import type { HostTensor } from "./hostTensor";
import { Session, type SessionOptions, type Wanted } from "./session";

/** A graph that is timed. */
export interface Timed extends Wanted {
  graph: GraphBuilder;
  /** Values for each run. None by default. */
  feeds?: Record<string, HostTensor>;
  /** What is run once, before. Nothing by default. */
  before?: { feeds: Record<string, HostTensor>; targets: string[] };
  /**
   * What is done in parallel.
   *
   * @default "nodes"
   */
  parallel?: SessionOptions["parallel"];
}

/** So many rounds are enough. */
const MOST_ROUNDS = 24;

/** So many are needed, whatever they take: others work on the machine, too, and a thread may have to wait for them. */
const LEAST_ROUNDS = 8;

/** When there are enough of them, no round begins after so long; of what loses, no run. */
const ENOUGH_MS = 100;

/** What loses takes so many times as long as another. */
const LOSING = 2;

/**
 * Times graphs in turns, so that the machine's moods meet all of them.
 *
 * @returns The least milliseconds of a run, by name.
 */
export async function timeGraphs(graphs: Record<string, Timed>): Promise<Record<string, number>> {
  const racers: Racer[] = [];
  try {
    for (const [name, timed] of Object.entries(graphs)) {
      const session = await Session.open(timed.graph, { parallel: timed.parallel });
      const run = runOf(session, timed);
      const racer = { name, session, least: Number.POSITIVE_INFINITY, spent: 0, run };
      racers.push(racer);
      if (timed.before !== undefined) await session.run(timed.before.feeds, timed.before);
      await racer.run(); // TensorFlow optimises a graph when it first runs
    }
    const start = performance.now();
    for (let round = 0; round < MOST_ROUNDS; round++) {
      if (round >= LEAST_ROUNDS && performance.now() - start > ENOUGH_MS) break;
      const best = Math.min(...racers.map(({ least }) => least));
      for (const racer of racers) {
        if (racer.spent > ENOUGH_MS && racer.least > LOSING * best) continue;
        const ms = await racer.run();
        racer.least = Math.min(racer.least, ms);
        racer.spent += ms;
      }
    }
    return Object.fromEntries(racers.map(({ name, least }) => [name, least]));
  } finally {
    for (const { session } of racers) session.close();
  }
}

interface Racer {
  name: string;
  session: Session;
  least: number;
  /** Milliseconds of all its runs. */
  spent: number;
  run: () => Promise<number>;
}

function runOf(session: Session, { feeds = {}, fetches, targets }: Timed): () => Promise<number> {
  const named = Object.entries(feeds).map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  const call = session.prepare(named, { fetches, targets });
  const values = Object.values(feeds).map(({ data }) => data);
  return async () => {
    const start = performance.now();
    await call.run(values);
    return performance.now() - start;
  };
}

/** Float32 numbers in [-0.5, 0.5) without a pattern that a kernel could gain by. */
export function noise(shape: readonly number[]): HostTensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const data = Float32Array.from({ length: count }, (_, i) => ((i * 0.6180339887) % 1) - 0.5);
  return { dtype: DType.float32, shape, data };
}
