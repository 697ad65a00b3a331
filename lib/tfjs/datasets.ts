/** Passes over `tf.data` datasets, whose iterators tfjs declares without all that they can do. */
import type { data, TensorContainer } from "@tensorflow/tfjs-node-gpu";
import * as tf from "./tfjs";

/** One pass over a dataset. */
export interface DatasetPass<T> {
  next(): Promise<IteratorResult<T>>;
  /** Ends the pass before its end; not every dataset needs to hear of it. */
  return?(value?: unknown): Promise<unknown> | unknown;
}

/** What a dataset's `iterator` method returns. */
type DatasetIterator<T extends TensorContainer> = Awaited<ReturnType<data.Dataset<T>["iterator"]>>;

/** Starts a pass over any dataset. */
export async function startPass<T>(dataset: {
  iterator(): Promise<DatasetPass<T>>;
}): Promise<DatasetPass<T>> {
  return dataset.iterator();
}

/**
 * What a dataset of our own returns from `iterator`: a generator's elements as they come.
 *
 * Its `return` ends the generator, so that what it holds is freed when a pass is left early.
 */
export async function iteratorOf<T extends TensorContainer>(
  pass: () => AsyncGenerator<T>,
): Promise<DatasetIterator<T> & DatasetPass<T>> {
  const generator = pass();
  const iterator = await tf.data.generator<T>(() => generator).iterator();
  return Object.assign(iterator, { return: () => generator.return(undefined) });
}
