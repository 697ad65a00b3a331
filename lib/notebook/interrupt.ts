/** The notebook's stop button, and Ctrl-C in a terminal. */
import { isNotebook } from "./kernel";

const listeners = new Set<() => void>();
let interruptedBefore = false;

/**
 * Calls `listener` when the user interrupts while something runs. Stop listening as soon as it has ended:
 * without listeners Ctrl-C in a terminal ends the process as usual, and a second Ctrl-C always does.
 *
 * The stop button raises SIGINT. The kernel ends the cell, and its own code behind its next `await`. What the code has
 * called runs on, so whatever takes long has to listen and stop by itself. A signal arrives only between two turns of
 * the event loop: a long computation has to yield.
 *
 * The synchronous part of a cell needs no listener: an interrupt ends it with an exception.
 *
 * @param listener Called once for each interrupt, between two turns of the event loop.
 * @returns A function that stops listening.
 * @example
 * import { onInterrupt } from "convnets";
 * let stopRequested = false;
 * const stopListening = onInterrupt(() => {
 *   stopRequested = true;
 * });
 * try {
 *   while (!stopRequested) await new Promise((resolve) => setTimeout(resolve, 100));
 * } finally {
 *   stopListening(); // in a cell the stop button ends the loop at its `await`
 * }
 */
export function onInterrupt(listener: () => void): () => void {
  const entry = () => listener();
  listeners.add(entry);
  // The kernel runs the synchronous part of a cell with Node's `breakOnSigint`: a handler added right now would take
  // the signal that is to end that part. So it is added when that part is over.
  queueMicrotask(attach);
  return () => {
    listeners.delete(entry);
    if (listeners.size === 0) process.off("SIGINT", handleSignal);
  };
}

function attach(): void {
  if (listeners.size === 0 || process.listeners("SIGINT").includes(handleSignal)) return;
  interruptedBefore = false;
  process.on("SIGINT", handleSignal);
}

function handleSignal(): void {
  if (interruptedBefore && !isNotebook()) {
    listeners.clear();
    process.off("SIGINT", handleSignal);
    process.kill(process.pid, "SIGINT");
    return;
  }
  interruptedBefore = true;
  for (const listener of [...listeners]) listener();
}
