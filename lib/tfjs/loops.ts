/** Datasets in loops: `for await (const batch of dataset)`, as Python's `for batch in dataset`. */
import type { data, TensorContainer } from "@tensorflow/tfjs-node-gpu";
import { startPass } from "./datasets";

declare module "@tensorflow/tfjs-data/dist/dataset" {
  interface Dataset<T extends TensorContainer> {
    /** One pass over the elements, for `for await`; each element's tensors are the loop's to dispose. */
    [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined>;
  }
}

type AnyDataset = data.Dataset<TensorContainer>;

/** Lets `for await` go through every dataset; a loop that is left ends the pass. */
export function loopOver(tf: { data: { Dataset: { prototype: AnyDataset } } }): void {
  tf.data.Dataset.prototype[Symbol.asyncIterator] = async function* (this: AnyDataset) {
    const pass = await startPass<TensorContainer>(this);
    let ended = false;
    try {
      for (;;) {
        const { value, done } = await pass.next();
        ended = done === true;
        if (ended) return;
        yield value;
      }
    } finally {
      if (!ended) await pass.return?.();
    }
  };
}
