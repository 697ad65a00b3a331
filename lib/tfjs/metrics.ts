/** Metrics of outputs as Keras takes them. */
import { invalidArgument } from "../errors";

/**
 * The metrics of each output, as Keras 3.15.1 has it: of several outputs, a list with as many items gives each its own.
 * As in tfjs, any other list goes to every output.
 *
 * @param given What `compile` was given as `metrics`.
 * @throws InvalidArgumentError for metrics of an output that isn't there.
 */
export function metricsByOutput(given: unknown, outputs: readonly string[]): unknown[][] {
  const byName = isRecord(given) ? given : undefined;
  if (outputs.length === 1) return [listed(byName ? Object.values(byName) : given)];
  const unknown = Object.keys(byName ?? {}).find((name) => !outputs.includes(name));
  if (unknown !== undefined) {
    throw invalidArgument("metrics", {
      expected: `metrics by the names of outputs: ${outputs.join(", ")}`,
      received: unknown,
    });
  }
  const isEach = Array.isArray(given) && given.length === outputs.length;
  return outputs.map((name, i) => listed(byName ? byName[name] : isEach ? given[i] : given));
}

function listed(item: unknown): unknown[] {
  if (item === undefined || item === null) return [];
  return Array.isArray(item) ? item.flatMap(listed) : [item];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
