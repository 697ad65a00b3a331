/** A worker's part of each batch, and what the whole is. */
import { createHash } from "node:crypto";
import { type Batch, partOf, type Share } from "../../compiled";

/**
 * A worker's part of a whole batch; views of it, to be released as one.
 *
 * @param options.isCompared Whether it says what the whole is.
 */
export function shareOf(
  batch: Batch,
  share: Share,
  { isCompared }: { isCompared: boolean },
): Batch {
  const part = partOf(batch, share);
  if (isCompared) part.share!.hash = hashBatch(batch);
  return part;
}

function hashBatch({ xs, ys, sampleWeights = [] }: Batch): string {
  const hash = createHash("sha256");
  for (const tensor of [...xs, ...ys, ...sampleWeights]) {
    if (tensor === undefined) continue;
    const { buffer, byteOffset, byteLength } = tensor.data;
    hash.update(`${tensor.shape} `).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest("hex");
}
