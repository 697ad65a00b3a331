/** The notebook's stop button. */

/**
 * Calls `listener` when the user interrupts the kernel while something runs.
 *
 * The synchronous part of a cell needs no listener: an interrupt ends it with an exception.
 *
 * @returns A function that stops listening.
 */
export function onInterrupt(listener: () => void): () => void {
  let listening = true;
  const heard = () => listener();
  // tslab runs the synchronous part of a cell with Node's `breakOnSigint`. When that part ends, Node
  // puts "end the process" in the place of any signal handler that was installed during it: a listener
  // added right now would let the stop button kill the kernel. So it is added when that part is over.
  queueMicrotask(() => {
    if (listening) process.on("SIGINT", heard);
  });
  return () => {
    listening = false;
    process.off("SIGINT", heard);
  };
}
