/**
 * What one trains is what one wrote: each case is trained eagerly, on the engine that `auto` takes, and in Python
 * Keras, from the same weights on the same data, and compared step by step.
 *
 * PARITY_SEED=n begins the random cases at another seed, PARITY_RANDOM=n makes so many of them, and
 * PARITY_ONLY=pattern runs the cases whose name matches.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { tf } from "../../lib/index";
import { type Built, build } from "./build";
import { callbackCases } from "./callbackCases";
import type { Case } from "./description";
import { layerCases } from "./layerCases";
import { partCases } from "./partCases";
import { randomCases } from "./randomCases";
import { restrainedCases } from "./restrainedCases";
import {
  difference,
  inKerasNames,
  type Outcome,
  train,
  trainInKeras,
  watchingWarnings,
} from "./run";
import { sequenceCases } from "./sequenceCases";
import { structureCases } from "./structureCases";
import { trainingCases } from "./trainingCases";

const firstSeed = Number(process.env.PARITY_SEED ?? 1);
const randomCount = Number(process.env.PARITY_RANDOM ?? 60);
const only = new RegExp(process.env.PARITY_ONLY ?? "");
/** Of numbers around 1: rounding, which XLA-less graphs and single ops share but for the order of some sums. */
const engineTolerance = 1e-5;

const written = [
  ...layerCases,
  ...sequenceCases,
  ...restrainedCases,
  ...trainingCases,
  ...structureCases,
  ...partCases,
  ...callbackCases,
];
const random = randomCases(firstSeed, randomCount);
const chosen = [...written, ...random].filter(({ name }) => only.test(name));

/** Built before anything runs, as Keras gets all cases at once. */
const ready = new Map<Case, Built>();
let keras: Promise<Record<string, Outcome | { error: string }>>;

before(() => {
  for (const given of chosen) ready.set(given, build(given));
  const known = chosen.filter((given) => !("absent" in given.keras));
  keras = trainInKeras(known.map((given) => ({ given, built: ready.get(given)! })));
  keras.catch(() => undefined); // told where it is awaited
});

after(() => {
  for (const built of ready.values()) built.dispose();
});

function assertAlike(
  actual: Outcome,
  expected: Outcome,
  { tolerance, known }: { tolerance: number; known?: string },
): void {
  const { size, where } = difference(actual, expected);
  if (known === undefined) assert.ok(size <= tolerance, `${size.toExponential(1)}, ${where}`);
  else assert.ok(size > tolerance, `is mended, so its mark must go: ${known}`);
}

/** What eager runs gave, for Keras to be compared with. */
const trained = new Map<Case, Outcome>();

function comparesEngines(given: Case): void {
  it(given.name, async () => {
    const built = ready.get(given)!;
    const count = () => tf.memory().numTensors;
    const before = count();
    const eager = await train(given, built, "eager");
    trained.set(given, eager);
    // Some of tfjs' own optimizers leave a tensor or two behind.
    const left = count() - before;
    assert.ok(left === 0 || "tfjs" in given.optimizer, `${left} tensors left behind`);
    const { result, warnings } = await watchingWarnings(() => train(given, built, "auto"));
    assert.deepEqual(warnings, []);
    assertAlike(result, eager, { tolerance: engineTolerance, known: given.known?.auto });
    assert.equal(count() - before, 2 * left);
  });
}

function comparesWithKeras(given: Case): void {
  const { keras: expected } = given;
  if ("absent" in expected) return;
  it(given.name, async () => {
    const eager = trained.get(given);
    assert.ok(eager, "it didn't train here");
    const found = (await keras)[given.name]!;
    if ("error" in found) assert.fail(found.error);
    const { tolerance } = expected;
    assertAlike(inKerasNames(eager), found, { tolerance, known: given.known?.keras });
  });
}

const kinds: [name: string, cases: Case[]][] = [
  ["a model that somebody thought of", written],
  [`a random model of the seeds from ${firstSeed} (PARITY_SEED)`, random],
];
const ofKind = (cases: Case[]) => cases.filter((each) => chosen.includes(each));

// Keras takes its time: all engines first.
for (const [name, cases] of kinds) {
  describe(`${name} trains on auto as it does eagerly:`, () =>
    ofKind(cases).forEach(comparesEngines));
}
for (const [name, cases] of kinds) {
  describe(`${name} trains as it does in Keras:`, () => ofKind(cases).forEach(comparesWithKeras));
}

it("there are 150 models that somebody thought of at least, each under a name of its own", () => {
  assert.ok(written.length >= 150, String(written.length));
  const names = written.map(({ name }) => name);
  assert.deepEqual(
    names.filter((name, i) => names.indexOf(name) !== i),
    [],
  );
});
