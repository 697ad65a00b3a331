/** How gradients go from worker to worker: in few collectives and, where asked for, in half the bytes. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { bucketsOf } from "../../lib/distributed/buckets";
import {
  InvalidArgumentError,
  type MultiWorkerOptions,
  multiWorkerMirrored,
} from "../../lib/index";
import { temporaryFolder } from "../support/temporaryFolder";
import { cases, type Outcome } from "./cases";
import { runCrew } from "./crew";

const MEBIBYTE = 2 ** 18; // numbers

const folder = temporaryFolder();
after(() => folder[Symbol.dispose]());

test("small gradients go together, large ones alone, and the last layer's go first", () => {
  assert.deepEqual(bucketsOf([]), []);
  assert.deepEqual(bucketsOf([3, 4, 5]), [[2, 1, 0]]);
  assert.deepEqual(bucketsOf([10, MEBIBYTE, 20, 7 * MEBIBYTE, 30]), [[4, 2, 0], [3], [1]]);
  const half = MEBIBYTE / 2;
  assert.deepEqual(bucketsOf([1, half, half, half, half, 9]), [[5, 4, 3], [2, 1], [0]]);
});

test("gradients sent as bfloat16 train to the same within their rounding, alike on each worker", async () => {
  const name = "SGD with momentum";
  const expected = await cases[name]!(undefined, 0);
  const optionsOf = (): MultiWorkerOptions => ({ gradientPrecision: "bfloat16" });
  const reports = await runCrew(2, [name], folder.path, optionsOf);
  const [chief, other] = reports.map(([report]) => report!.outcome as Outcome);
  assert.deepEqual(other, chief);
  // Ten steps whose gradients are rounded by up to 1/256 move no weight by more than a few thousandths.
  const apart = expected.weights.map((weight, i) => Math.abs(weight - chief!.weights[i]!));
  const largest = Math.max(...apart);
  assert.ok(largest < 5e-3, `weights differ by ${largest}`);
  assert.ok(largest > 2e-6, `nothing was rounded: weights differ by ${largest}`);
  for (const [epoch, loss] of expected.history.loss!.entries()) {
    assert.ok(Math.abs(loss - chief!.history.loss![epoch]!) < 5e-3, `loss of epoch ${epoch}`);
  }
});

test("a worker that sends its gradients otherwise than the chief is refused by name", async () => {
  const optionsOf = (rank: number): MultiWorkerOptions =>
    rank === 0 ? {} : { gradientPrecision: "bfloat16" };
  await assert.rejects(
    runCrew(2, ["SGD with momentum"], folder.path, optionsOf),
    /Worker 1 computes something else than the chief: `gradientPrecision` is/,
  );
});

test("gradients have no other precision", () => {
  const gradientPrecision = "float16" as "bfloat16";
  assert.throws(() => multiWorkerMirrored({ gradientPrecision }), InvalidArgumentError);
});
