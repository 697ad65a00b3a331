/** The notebook's stop button. */

/**
 * Calls `listener` when the user interrupts the kernel while something runs.
 *
 * @returns A function that stops listening.
 */
export function onInterrupt(listener: () => void): () => void {
  process.on("SIGINT", listener);
  return () => process.off("SIGINT", listener);
}
