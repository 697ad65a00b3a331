/** What a compiled function takes and gives. */
import { types } from "node:util";
import { ConvnetsError, InvalidArgumentError, invalidArgument } from "../errors";
import { tf } from "../tfjs";
import { takeApart } from "./leaves";
import type { Returned } from "./traceFunction";

/** Whether a user's function is running. */
let isCalling = false;

/** Calls a user's function, and takes what it gives apart. @param title The function in messages. */
export function callUsers(call: () => unknown, title: string): Returned {
  isCalling = true;
  let result: unknown;
  try {
    result = call();
  } finally {
    isCalling = false;
  }
  if (result instanceof Promise) {
    result.catch(() => {});
    throw new InvalidArgumentError(
      `\`fn\` must be a synchronous function. ${title} returned a promise.`,
    );
  }
  return takeApart(result, { name: "result", check: checkResult });
}

/** Refuses a call by another compiled function: at once, not by a promise, for which that one can't wait. */
export function refuseNested(title: string): void {
  if (!isCalling) return;
  throw new ConvnetsError(`${title} was called by another compiled function`, {
    hint: "Its result comes only later. Call the function itself, as it was before `compiled`.",
  });
}

/** Refuses tensors that nobody would find in a result. */
function checkResult(leaf: unknown, name: string): void {
  if (leaf instanceof tf.Tensor || !hidesTensors(leaf)) return;
  const what = Object.getPrototypeOf(leaf)?.constructor?.name ?? "object";
  throw new InvalidArgumentError(
    `\`${name}\` must be a tensor, or lists and plain objects of tensors. Received tensors in a ${what}.`,
    { hint: "They don't outlive the call there. Return them in a list or a plain object." },
  );
}

/** Refuses arguments that a graph can't have. */
export function checkArgument(leaf: unknown, name: string): void {
  if (leaf instanceof tf.Tensor) {
    if (!leaf.isDisposed) return;
    throw invalidArgument(name, { expected: "a tensor that is not disposed", received: leaf });
  }
  if (Object(leaf) !== leaf) return;
  throw invalidArgument(name, {
    expected: "a tensor, a number, a text, true or false, or lists and plain objects of these",
    received: leaf,
    hint: "Models, optimizers and functions are named in the function itself.",
  });
}

/** Whether an object that is no structure has tensors in it; variables are nobody's result. */
function hidesTensors(value: unknown, seen = new Set<unknown>()): boolean {
  if (value instanceof tf.Tensor) return !(value instanceof tf.Variable);
  if (typeof value !== "object" || value === null || seen.has(value)) return false;
  if (ArrayBuffer.isView(value)) return false;
  seen.add(value);
  const inside: Iterable<unknown> = types.isMap(value) || types.isSet(value) ? value : [];
  return [...inside, ...Object.values(value)].some((each) => hidesTensors(each, seen));
}
