/** Several workers compute what one process does, whichever way the batches split; and the chief decides. */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import sharp from "sharp";
import { tf } from "../../lib/index";
import { temporaryFolder } from "../support/temporaryFolder";
import { behaviours } from "./behaviours";
import { cases, type Outcome } from "./cases";
import { type Report, runCrew } from "./crew";

// What bfloat16 computes, whether it pays on this machine or not.
process.env.CONVNETS_BFLOAT16 = "all";

/** What four workers do, too. */
const byFour = [
  "Adam, its gradients clipped by their norm",
  "batches smaller than the workers are many",
  "BatchNormalization over whole batches",
  "a loss that is a sum, a regularizer, ratios and counts",
  "evaluate and predict",
];

/** bfloat16 rounds sums of other parts elsewhere. */
const tolerances: Record<string, number> = { bfloat16: 2e-2 };

const folder = temporaryFolder();
const alone = new Map<string, unknown>();
/** Tensors that a case has left: those of its model and data. */
const left = new Map<string, number>();
const together = new Map<number, Report[][]>();

before(async () => {
  await makePictures();
  const two = [...Object.keys(cases), ...Object.keys(behaviours)];
  const crews = runCrew(2, two, folder.path).then(async (reports) => {
    together.set(2, reports);
    together.set(4, await runCrew(4, byFour, folder.path));
  });
  for (const [name, run] of Object.entries(cases)) {
    const before = tf.memory().numTensors;
    alone.set(name, await run(undefined, 0));
    left.set(name, tf.memory().numTensors - before);
  }
  for (const name of ["who saves, and where a run goes on", "pictures of a folder"]) {
    alone.set(name, await behaviours[name]!(undefined, { rank: 0, folder: folder.path }));
  }
  await crews;
});

after(() => folder[Symbol.dispose]());

for (const size of [2, 4]) {
  describe(`${size} workers`, () => {
    for (const name of size === 2 ? Object.keys(cases) : byFour) {
      it(`equal one process: ${name}`, () => {
        const expected = alone.get(name) as Outcome;
        const tolerance = tolerances[name] ?? 1e-5;
        const outcomes = reportsOf<Outcome>(size, name);
        for (const { history, weights } of outcomes) {
          assert.deepEqual(Object.keys(history).sort(), Object.keys(expected.history).sort());
          for (const [key, values] of Object.entries(expected.history)) {
            assertClose(history[key]!, values, { tolerance, what: key });
          }
          assertClose(weights, expected.weights, { tolerance, what: "weights" });
        }
        for (const { weights } of outcomes) {
          assert.deepEqual(weights, outcomes[0]!.weights, "bit for bit the chief's");
        }
      });
    }

    it("leave as many tensors as one process", () => {
      for (const reports of together.get(size)!) {
        for (const { name, tensors } of reports) {
          if (left.has(name)) assert.equal(tensors, left.get(name), name);
        }
      }
    });
  });
}

describe("each worker", () => {
  it("drops others than the other does, and the same for a seed", () => {
    const [chief, other] = reportsOf<Record<string, number[]>>(2, "dropout");
    assert.deepEqual(chief, other);
    assert.deepEqual(chief!.again, chief!.first);
    assert.notDeepEqual(chief!.other, chief!.first);
    // Two samples: of a weight's inputs both are dropped, one, or none. The same masks would never drop one.
    const share = (count: number) => chief!.first!.filter((each) => each === count).length / 2000;
    assert.ok(Math.abs(share(1) - 0.5) < 0.05, `${share(1)}`);
    assert.ok(Math.abs(share(0) - 0.25) < 0.05, `${share(0)}`);
  });

  it("normalizes its own part, and all keep the mean of their statistics", () => {
    for (const [mean, variance] of reportsOf<number[]>(2, "statistics of each worker's part")) {
      const [first, second] = [varianceOf([0, 1, 5]), varianceOf([7, 20])];
      assertClose([mean!], [33 / 5], { tolerance: 1e-5, what: "mean" });
      assertClose([variance!], [(3 * first + 2 * second) / 5], {
        tolerance: 1e-3,
        what: "variance",
      });
    }
  });
});

describe("the chief", () => {
  it("stops all, who have the weights that it restores", () => {
    const [chief, other] = reportsOf<{ epochs: number }>(2, "early stopping that restores");
    assert.equal(chief!.epochs, 2);
    assert.deepEqual(other, chief);
  });

  it("decides on rates and the end, whatever the callbacks of others say", () => {
    const [chief, other] = reportsOf<{ history: { loss: number[] }; rate: number }>(
      2,
      "who decides",
    );
    assert.deepEqual(other, chief);
    assert.equal(chief!.history.loss.length, 1);
    assert.equal(chief!.rate, 0.1);
  });

  it("gives all the weights that its callbacks set between steps", () => {
    const name = "weights that a callback changes between steps";
    const [chief, other] = reportsOf<number[]>(2, name);
    assert.deepEqual(other, chief);
    assert.ok(
      chief!.every((weight) => Math.abs(weight) < 0.2),
      `${chief}`,
    );
  });

  it("saves, and all go on from its backup to where an unbroken run ends", () => {
    const name = "who saves, and where a run goes on";
    type Saved = { files: string[]; losses: number[]; weights: number[] };
    const [chief, other] = reportsOf<Saved>(2, name);
    const expected = alone.get(name) as Saved;
    assert.deepEqual(chief!.files, ["backup", "best.keras", "log.csv"]);
    assert.deepEqual(other!.files, []);
    for (const { losses, weights } of [chief!, other!]) {
      assertClose(losses, expected.losses, { tolerance: 1e-5, what: "losses" });
      assertClose(weights, expected.weights, { tolerance: 1e-5, what: "weights" });
    }
  });

  it("refuses a worker with another model by name; then nobody has a strategy, but each may train", () => {
    type Refusal = { refused: string; later: string; alone: string };
    for (const each of reportsOf<Refusal>(2, "a worker with another model")) {
      assert.match(
        each.refused,
        /Worker 1 computes something else than the chief: the model's layers/,
      );
      assert.match(each.later, /The workers have parted: /);
      assert.equal(each.alone, "");
    }
  });
});

it("workers decode their part of a folder's batches, in the chief's order", () => {
  type Trained = { losses: number[]; weights: number[] };
  const expected = alone.get("pictures of a folder") as Trained;
  for (const { losses, weights } of reportsOf<Trained>(2, "pictures of a folder")) {
    assertClose(losses, expected.losses, { tolerance: 1e-5, what: "losses" });
    assertClose(weights, expected.weights, { tolerance: 1e-5, what: "weights" });
  }
});

function reportsOf<T>(size: number, name: string): T[] {
  return together
    .get(size)!
    .map((reports) => reports.find((report) => report.name === name)!.outcome as T);
}

function assertClose(
  actual: readonly number[],
  expected: readonly number[],
  { tolerance, what }: { tolerance: number; what: string },
): void {
  assert.equal(actual.length, expected.length, what);
  const differences = expected.map((value, i) => Math.abs(value - actual[i]!));
  const largest = Math.max(...differences);
  const values = `${actual} and ${expected}`.slice(0, 300);
  assert.ok(largest <= tolerance, `${what} differs by ${largest}: ${values}`);
}

function varianceOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}

/** 11 pictures of two classes. */
async function makePictures(): Promise<void> {
  for (let i = 0; i < 11; i++) {
    const place = folder.join("pictures", i % 2 === 0 ? "even" : "odd");
    fs.mkdirSync(place, { recursive: true });
    const background = { r: 20 * i, g: 255 - 20 * i, b: 100 };
    const picture = sharp({ create: { width: 6, height: 6, channels: 3, background } });
    await picture.png().toFile(path.join(place, `${i}.png`));
  }
}
