/** Does `work` on every item, a few at a time. After a fault nothing new is begun, and the first fault is thrown. */
export async function inLanes<T>(
  items: Iterable<T>,
  lanes: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  let fault: { error: unknown } | undefined;
  const lane = async () => {
    for (let next = queue.next(); !next.done && !fault; next = queue.next()) {
      await work(next.value).catch((error) => {
        fault ??= { error };
      });
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  if (fault) throw fault.error;
}
