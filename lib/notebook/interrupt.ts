/** The notebook's stop button, and Ctrl-C in a terminal. */
import { isNotebook } from "./kernel";

const listeners = new Set<() => void>();
let interruptedBefore = false;

/**
 * Calls `listener` when the user interrupts while something runs. Stop listening as soon as it has ended:
 * without listeners Ctrl-C in a terminal ends the process as usual, and a second Ctrl-C always does.
 *
 * The stop button sends SIGINT. tslab answers it by failing the cell but lets the cell's code run on, so whatever
 * takes long has to listen and stop by itself. A signal arrives only between two turns of the event loop:
 * a long computation has to yield.
 *
 * @returns A function that stops listening.
 * @example
 * const stopListening = onInterrupt(() => { stopRequested = true; });
 */
export function onInterrupt(listener: () => void): () => void {
  const entry = () => listener();
  if (listeners.size === 0) {
    interruptedBefore = false;
    process.on("SIGINT", handleSignal);
  }
  listeners.add(entry);
  return () => {
    if (listeners.delete(entry) && listeners.size === 0) process.off("SIGINT", handleSignal);
  };
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
