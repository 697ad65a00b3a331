/** Draws what is missing of the data set. */
import { existsSync } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import { ConvnetsError } from "../../errors";
import { fileFault, removeAbandoned, settle, unfinishedPath } from "../../files";
import { onInterrupt, openLiveLine } from "../../notebook";
import { formatDuration } from "../../text";
import { openDrawer, type Picture } from "./drawer";
import { pictureFolder } from "./layout";

const AT_ONCE = 4;

const UNFINISHED = { prefix: ".unfinished-" };

const animals = ["cat", "dog"] as const;

/**
 * Draws the pictures that are not there yet, each under a temporary name that becomes its own at the end.
 *
 * @throws EnvironmentError when the package that draws is not installed.
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
  await removeAbandoned(folder, UNFINISHED);
  const missing = indices
    .flatMap((index) => animals.map((animal): Picture => ({ animal, index, seed })))
    .filter(({ animal, index }) => !present.has(`${animal}.${index}.jpg`));
  if (missing.length === 0) return;
  const drawer = openDrawer();
  const line = verbose ? openLiveLine() : undefined;
  const started = performance.now();
  let [next, done, interrupted] = [0, 0, false];
  const stopListening = onInterrupt(() => {
    interrupted = true;
  });
  const drawInTurn = async () => {
    while (next < missing.length && !interrupted) {
      const picture = missing[next++]!;
      const file = path.join(folder, `${picture.animal}.${picture.index}.jpg`);
      // Two processes may draw into one folder: what the other has drawn is the same picture.
      if (!existsSync(file)) await write(file, await drawer.drawPicture(picture));
      line?.update(progress(++done, missing.length, started));
    }
  };
  try {
    const lanes = () => Promise.allSettled(Array.from({ length: AT_ONCE }, drawInTurn));
    const results = await drawer.severalAtOnce(lanes);
    for (const result of results) if (result.status === "rejected") throw result.reason;
  } finally {
    stopListening();
    line?.finish(progress(done, missing.length, started));
  }
  if (interrupted) {
    throw new ConvnetsError(`Interrupted after ${done} of ${missing.length} pictures.`, {
      hint: "Run it again to go on from there.",
    });
  }
}

async function write(file: string, picture: Uint8Array): Promise<void> {
  const temporary = unfinishedPath(path.dirname(file), UNFINISHED);
  try {
    await fs.writeFile(temporary, picture);
    await fs.rename(temporary, file);
  } catch (cause) {
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw fileFault(file, { cause, doing: "written" });
  } finally {
    settle(temporary);
  }
}

function progress(done: number, total: number, started: number): string {
  const seconds = (performance.now() - started) / 1000;
  const rate = done / Math.max(seconds, 1e-3);
  const left =
    done < total ? `, ${formatDuration((total - done) / Math.max(rate, 1e-3))} left` : "";
  return `Drawing cats and dogs: ${done}/${total} (${rate.toFixed(0)} pictures/s${left})`;
}
