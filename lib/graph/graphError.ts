/** What is said when TensorFlow refuses or fails a graph. */
import { ConvnetsError, describeValue } from "../errors";

/** A graph failed while it ran. */
export class GraphError extends ConvnetsError {}

/**
 * @param what What was being done, as the message's beginning.
 * @param cause What TensorFlow threw; it is kept whole as the error's cause.
 */
export function graphError(what: string, cause: unknown): GraphError {
  const message = cause instanceof Error ? cause.message : describeValue(cause);
  const hint = /more than an array can hold/.test(message)
    ? "Give fewer or smaller samples at once: a smaller `batchSize`."
    : undefined;
  return new GraphError(`${what}: ${firstError(message)}`, { cause, hint });
}

/** What went wrong, without the notes on the whole graph that follow; of several errors, as on a GPU, the first. */
function firstError(message: string): string {
  const [first = "", second = ""] = message.split("\n");
  const several = /^\d+ root error\(s\) found/.test(first);
  return several ? second.replace(/^\s*\(\d+\)\s*/, "") : first;
}
