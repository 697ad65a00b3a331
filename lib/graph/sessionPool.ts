/**
 * Sessions that are used again.
 *
 * TensorFlow optimises a graph when it first runs, which takes longer than tracing and building it. A graph that is
 * the same to the last byte gets the session of an earlier one: the second `fit` of a model starts at full speed.
 * An idle session holds no values of variables.
 */
import { createHash } from "node:crypto";
import { setImmediate as pause } from "node:timers/promises";
import type { GraphBuilder } from "./graphBuilder";
import { Session, type SessionOptions } from "./session";

/** How many idle sessions are kept; the one that was idle longest goes first. */
const MOST_IDLE = 4;

interface Idle {
  key: string;
  session: Session;
  /** Whether its variables could be freed. */
  freed: Promise<boolean>;
}

const idle: Idle[] = [];

/** A session out of the pool, with the node that frees its variables. */
export interface PooledSession {
  readonly session: Session;
  /** Gives the session back once its variables are freed; it must not be used after. */
  release(): void;
}

/** A graph that sessions are opened for, again and again. */
export interface PooledGraph {
  /**
   * Opens a session, or takes one that is idle.
   *
   * @throws GraphError when TensorFlow refuses the graph.
   */
  open(): Promise<PooledSession>;
}

/**
 * Makes a graph ready for the pool, in parts between which the event loop turns.
 *
 * @param graph The graph; the pool adds what frees its variables.
 * @param options As of a session.
 */
export async function poolGraph(
  graph: GraphBuilder,
  options: SessionOptions = {},
): Promise<PooledGraph> {
  const free = addFreeing(graph);
  const definition = (await graph.toMessageInParts()).finish();
  await pause();
  const settings = JSON.stringify([options.parallel, options.place?.target]);
  const key = createHash("sha256").update(settings).update(definition).digest("hex");
  return { open: () => open({ key, free, make: () => Session.open(definition, options) }) };
}

async function open({
  key,
  free,
  make,
}: {
  key: string;
  free: string;
  make: () => Promise<Session>;
}): Promise<PooledSession> {
  const session = (await takeIdle(key)) ?? (await make());
  let released = false;
  return {
    session,
    release() {
      if (released) return;
      released = true;
      const freed = session.run({}, { targets: [free] }).then(
        () => true,
        () => false,
      );
      idle.push({ key, session, freed });
      if (idle.length > MOST_IDLE) close(idle.shift()!);
    },
  };
}

/** An idle session of the graph, once its variables are freed. */
async function takeIdle(key: string): Promise<Session | undefined> {
  const found = idle.findIndex((entry) => entry.key === key);
  if (found < 0) return undefined;
  const { session, freed } = idle.splice(found, 1)[0]!;
  if (await freed) return session;
  session.close();
  return undefined;
}

function close({ session, freed }: Idle): void {
  void freed.then(() => session.close());
}

/** A node that destroys the values of all variables. */
function addFreeing(graph: GraphBuilder): string {
  const handles = graph.nodes.filter(({ op }) => op === "VarHandleOp").map(({ name }) => name);
  const nodes = handles.map((handle) =>
    graph.op("DestroyResourceOp", [handle], { attrs: { ignore_lookup_error: { bool: true } } }),
  );
  return graph.group(nodes, "free_variables");
}
