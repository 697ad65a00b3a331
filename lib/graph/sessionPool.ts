/**
 * Sessions that are used again.
 *
 * TensorFlow optimises a graph when it first runs, which takes longer than tracing and building it. A graph that is
 * the same to the last byte gets the session of an earlier one: the second `fit` of a model starts at full speed.
 * An idle session holds no values of variables.
 */
import { createHash } from "node:crypto";
import type { GraphBuilder } from "./graphBuilder";
import { Session, type SessionOptions } from "./session";

/** How many idle sessions are kept; the one that was idle longest goes first. */
const MOST_IDLE = 4;

const idle: { key: string; session: Session }[] = [];

/** A session out of the pool, with the node that frees its variables. */
export interface PooledSession {
  readonly session: Session;
  /** Gives the session back once its variables are freed; it must not be used after. */
  release(): void;
}

/**
 * Opens a session for a graph, or takes one that is idle.
 *
 * @param graph The graph; the pool adds what frees its variables.
 * @param options As of a session.
 * @throws GraphError when TensorFlow refuses the graph.
 */
export function openPooledSession(
  graph: GraphBuilder,
  options: SessionOptions = {},
): PooledSession {
  const free = addFreeing(graph);
  const definition = graph.toMessage().finish();
  const key = createHash("sha256").update(JSON.stringify(options)).update(definition).digest("hex");
  const found = idle.findIndex((entry) => entry.key === key);
  const session = found >= 0 ? idle.splice(found, 1)[0]!.session : new Session(definition, options);
  let released = false;
  return {
    session,
    release() {
      if (released) return;
      released = true;
      session.run({}, { targets: [free] }).then(
        () => keep(key, session),
        () => session.close(),
      );
    },
  };
}

function keep(key: string, session: Session): void {
  idle.push({ key, session });
  if (idle.length > MOST_IDLE) idle.shift()!.session.close();
}

/** A node that destroys the values of all variables. */
function addFreeing(graph: GraphBuilder): string {
  const handles = graph.nodes.filter(({ op }) => op === "VarHandleOp").map(({ name }) => name);
  const nodes = handles.map((handle) =>
    graph.op("DestroyResourceOp", [handle], { attrs: { ignore_lookup_error: { bool: true } } }),
  );
  return graph.group(nodes, "free_variables");
}
