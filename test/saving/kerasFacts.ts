/** What Keras computed from a model that it saved, and whether the loaded model computes the same. */
import assert from "node:assert/strict";
import { mock } from "node:test";
import { evaluate, fit, type LoadModelOptions, loadModel, tf } from "../../lib/index";

type LayersModel = Awaited<ReturnType<typeof loadModel>>;

/** An array in JSON. */
interface StoredArray {
  shape: number[];
  data: number[];
}

/** A model's data and what came of it; `null` stands for NaN. */
export interface Facts {
  inputs: StoredArray[];
  targets: StoredArray[];
  /** Predicted when it was saved. */
  outputs: StoredArray[];
  /** Measured when it was saved; of a compiled model. */
  logs?: Record<string, number>;
  /** The learning rate of the step after that. */
  rate?: number;
  /** Losses of the steps that followed. */
  losses?: number[];
}

function tensors(arrays: StoredArray[]) {
  return arrays.map(({ shape, data }) => tf.tensor(data, shape));
}

const alone = <T>(items: T[]): T | T[] => (items.length === 1 ? items[0]! : items);

/** Loads a model, and gives what was warned of meanwhile. */
export async function loadWithWarnings(
  path: string,
  options?: LoadModelOptions,
): Promise<{ model: LayersModel; warnings: string[] }> {
  const warn = mock.method(console, "warn", () => {});
  try {
    const model = await loadModel(path, options);
    return { model, warnings: warn.mock.calls.map(({ arguments: [text] }) => String(text)) };
  } finally {
    warn.mock.restore();
  }
}

/** Asserts that a model predicts what Keras did, within 1e-6. */
export function assertPredicts(model: LayersModel, facts: Facts): void {
  tf.tidy(() => {
    const predicted = [model.predict(alone(tensors(facts.inputs)))].flat();
    assert.equal(predicted.length, facts.outputs.length);
    for (const [i, expected] of tensors(facts.outputs).entries()) {
      assert.deepEqual(predicted[i]!.shape, expected.shape);
      const worst = tf.max(tf.abs(tf.sub(predicted[i]!, expected))).dataSync()[0]!;
      assert.ok(worst <= 1e-6, `output ${i} differs by ${worst}`);
    }
  });
}

/**
 * Asserts that a model measures what Keras did, and that its next steps have Keras' losses, within 1e-5.
 *
 * @param options.leftOut Metrics of Keras' that the model does without.
 * @param options.steps How many losses are alike. All by default.
 */
export async function assertGoesOn(
  model: LayersModel,
  facts: Facts,
  options: { engine: "eager" | "graph"; leftOut?: string[]; steps?: number },
): Promise<void> {
  const { engine, leftOut = [], steps = facts.losses!.length } = options;
  const [xs, ys] = [tensors(facts.inputs), tensors(facts.targets)];
  const data = [alone(xs), alone(ys)] as Parameters<typeof fit>[1];
  const settings = { engine, verbose: 0, batchSize: ys[0]!.shape[0]! } as const;
  const logs = await evaluate(model, data, { ...settings, returnDict: true });
  const expected = Object.entries(facts.logs!).filter(([name]) => !leftOut.includes(name));
  assert.deepEqual(Object.keys(logs).sort(), expected.map(([name]) => name).sort());
  for (const [name, value] of expected) {
    const found = logs[name]!;
    assert.ok(Math.abs(found - value) <= 1e-5, `${name}: ${found}, Keras ${value}`);
  }
  const { history } = await fit(model, data, { ...settings, epochs: steps, shuffle: false });
  for (const [step, loss] of history.loss!.entries()) {
    const { [step]: wanted } = facts.losses!;
    assert.ok(Math.abs(loss - wanted!) <= 1e-5, `step ${step}: ${loss}, Keras ${wanted}`);
  }
  tf.dispose([xs, ys]);
}
