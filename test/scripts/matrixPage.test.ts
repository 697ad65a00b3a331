/** What the page of `npm run parity` says of what came of a case. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { difference } from "../../scripts/parity/differences";
import type { Case, Made, Tried } from "../../scripts/parity/messages";
import { pageOf } from "../../scripts/parity/page";
import { failedInKeras, judge } from "../../scripts/parity/verdict";

const numbers = { shape: [1], dtype: "float32", values: [1] } as const;

function caseOf(changes: Partial<Case> = {}): Case {
  const empty = { option: "", value: "", aliases: [], note: null, reason: null };
  return { id: 0, group: "layers", subject: "Dense", ...empty, ...changes };
}

function madeOf(changes: Partial<Made> = {}): Made {
  const arrays = { inputs: [numbers], targets: [numbers], outputs: [numbers] };
  const files = { file: "a", back: "b", trained: "c", random: false, chaotic: false };
  return {
    ...files,
    ...(arrays as unknown as Pick<Made, "inputs">),
    losses: [1],
    ...changes,
  } as Made;
}

function triedOf(changes: Partial<Tried> = {}): Tried {
  const good = { predicts: 0, measures: undefined, graph: 0, eager: 0 };
  return { warnings: [], ...good, ...changes };
}

const checked = { difference: 0, changed: [], after: 0 };

test("a number that differs without an error is a fault, and the page lists it apart", () => {
  const good = judge(caseOf(), { made: madeOf(), tried: triedOf(), checked });
  const tried = triedOf({ predicts: 0.3 });
  const bad = judge(caseOf({ option: "units" }), { made: madeOf(), tried, checked });
  assert.deepEqual(bad.faults, [{ message: "predictions differ", silent: true }]);
  const page = pageOf({ verdicts: [good, bad], notes: [] }, { earlier: undefined, only: [] });
  assert.match(page, /\| \*\*all\*\* \| 1 \| 1 \| 100\.0 % \| 1 \| 2 \| 50\.0 % \|/);
  assert.match(page, /### Without an error\n\n- predictions differ \(1: `Dense units`\)/);
});

test("an option that Keras reads again with another value is a fault", () => {
  const lost = { ...checked, changed: ["units: 3 became 4"] };
  const { faults } = judge(caseOf(), { made: madeOf(), tried: triedOf(), checked: lost });
  assert.deepEqual(faults, [
    { message: "saved with another option: units: 3 became 4", silent: true },
  ]);
});

test("a chaotic net may differ as far as Keras from itself, and no further", () => {
  const made = madeOf({ moved: { outputs: 0.01, losses: 0, after: 0 } });
  const faultsAt = (predicts: number) =>
    judge(caseOf(), { made, tried: triedOf({ predicts }), checked }).faults.length;
  assert.deepEqual([faultsAt(0.1), faultsAt(0.3)], [0, 1]);
});

test("what Keras itself can't do isn't counted, and what wasn't tried is named", () => {
  const verdicts = [failedInKeras(caseOf(), "ValueError: a `no` of [0](x)")];
  const note = { note: "not tried", reason: "no value is known for it" } as const;
  const page = pageOf(
    { verdicts, notes: [caseOf({ option: "rate", ...note })] },
    { earlier: undefined, only: [] },
  );
  assert.match(page, /\| \*\*all\*\* \| 0 \| 0 \| – \| 0 \| 0 \| – \|/);
  assert.match(page, /- Not tried: `Dense rate` \(no value is known for it\)\./);
  assert.match(
    page,
    /- Keras itself fails here:\n {2}- `Dense`: `ValueError: a 'no' of \[0\]\(x\)`/,
  );
});

test("a run of a part says so, and keeps what the page said of the applications", () => {
  const network = judge(caseOf({ group: "applications", subject: "VGG16" }), {
    made: madeOf(),
    tried: triedOf(),
    checked,
  });
  const earlier = pageOf({ verdicts: [network], notes: [] }, { earlier: undefined, only: [] });
  const later = pageOf({ verdicts: [], notes: [] }, { earlier, only: ["losses"] });
  assert.match(later, /^\*\*This page is of a part: `losses`\.\*\*$/m);
  assert.match(later, /\| `VGG16` \| 0 \| – \| 0 \| – \| 0 \| passes \|/);
});

test("numbers are compared as shares of the largest, and one that is none differs", () => {
  assert.equal(difference([100, 50], [100, 51]), 0.01);
  assert.equal(difference([null], [Number.NaN]), 0);
  assert.equal(difference([1], [null]), Number.POSITIVE_INFINITY);
});
