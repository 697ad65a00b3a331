/** Which keys a query may look at. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { type Masks, tf } from "../tfjs";

/** `[1, queries, keys]`: true where the places of a query and a key fit. */
function places(
  queries: number,
  keys: number,
  fit: (query: number, key: number) => boolean,
): Tensor {
  const flags = Uint8Array.from({ length: queries * keys }, (_, i) =>
    Number(fit(Math.floor(i / keys), i % keys)),
  );
  return tf.tensor(flags, [1, queries, keys], "bool");
}

/** No key after the query. */
export const causal = (queries: number, keys: number): Tensor =>
  places(queries, keys, (query, key) => query >= key);

/** What the masks of a call allow together; undefined where they allow everything. */
export function visibility(options: {
  query: Tensor;
  value: Tensor;
  masks: Masks;
  attentionMask: Tensor | undefined;
  useCausalMask: boolean;
  slidingWindow: number | null;
}): Tensor | undefined {
  const { query, value, masks, attentionMask, useCausalMask, slidingWindow } = options;
  const [queries, keys] = [query.shape[1]!, value.shape[1]!];
  const [ofQuery, ...ofKeys] = masks;
  const all = [
    attentionMask && tf.cast(attentionMask, "bool"),
    ofQuery && tf.expandDims(ofQuery, -1),
    ...ofKeys.map((mask) => mask && tf.expandDims(mask, -2)),
    useCausalMask ? causal(queries, keys) : undefined,
    slidingWindow === null
      ? undefined
      : places(queries, keys, (one, other) => Math.abs(one - other) < slidingWindow),
  ].filter((mask) => mask !== undefined);
  return all.length === 0 ? undefined : all.reduce((one, other) => tf.logicalAnd(one, other));
}
