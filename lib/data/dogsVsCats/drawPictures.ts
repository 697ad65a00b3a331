/** Draws what is missing of the data set. */
import fs from "node:fs/promises";
import path from "node:path";
import sharp from "sharp";
import { ConvnetsError } from "../../errors";
import { onInterrupt, openLiveLine } from "../../notebook";
import { formatDuration } from "../../text";
import type { Animal } from "./drawn";
import { drawPicture } from "./drawn";
import { pictureFolder } from "./layout";

/** Changes whenever the same seed gives other pictures. */
export const drawingVersion = 1;

const AT_ONCE = 4;

/**
 * Draws the pictures that are not there yet, each under a temporary name that becomes its own at the end.
 *
 * @throws ConvnetsError when the user interrupts; what is drawn stays, and the next run goes on from there.
 */
export async function drawPictures(options: {
  into: string;
  indices: readonly number[];
  present: ReadonlySet<string>;
  seed: number;
  verbose: 0 | 1;
}): Promise<void> {
  const { into, indices, present, seed, verbose } = options;
  const folder = pictureFolder(into);
  await fs.mkdir(folder, { recursive: true });
  const missing = indices
    .flatMap((index) => (["cat", "dog"] as Animal[]).map((animal) => ({ animal, index })))
    .filter(({ animal, index }) => !present.has(`${animal}.${index}.jpg`));
  if (missing.length === 0) return;
  const line = verbose ? openLiveLine() : undefined;
  const started = performance.now();
  let [next, done, interrupted] = [0, 0, false];
  const stopListening = onInterrupt(() => {
    interrupted = true;
  });
  const drawInTurn = async () => {
    while (next < missing.length && !interrupted) {
      const { animal, index } = missing[next++]!;
      const file = path.join(folder, `${animal}.${index}.jpg`);
      await fs.writeFile(`${file}.partial`, await drawPicture({ animal, index, seed }));
      await fs.rename(`${file}.partial`, file);
      line?.update(progress(++done, missing.length, started));
    }
  };
  // One thread for each picture: several pictures at once use the cores better than several threads for one.
  const threads = sharp.concurrency();
  sharp.concurrency(1);
  try {
    const results = await Promise.allSettled(Array.from({ length: AT_ONCE }, drawInTurn));
    for (const result of results) if (result.status === "rejected") throw result.reason;
  } finally {
    sharp.concurrency(threads);
    stopListening();
    line?.finish(progress(done, missing.length, started));
  }
  if (interrupted) {
    throw new ConvnetsError(`Interrupted after ${done} of ${missing.length} pictures.`, {
      hint: "Run it again to go on from there.",
    });
  }
}

function progress(done: number, total: number, started: number): string {
  const seconds = (performance.now() - started) / 1000;
  const rate = done / Math.max(seconds, 1e-3);
  const left =
    done < total ? `, ${formatDuration((total - done) / Math.max(rate, 1e-3))} left` : "";
  return `Drawing cats and dogs: ${done}/${total} (${rate.toFixed(0)} pictures/s${left})`;
}
