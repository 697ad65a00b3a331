/** Models that Keras makes, runs and trains, to be read, run and trained here with the same numbers. */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import { evaluate, fit, loadModel, predict, saveModel, tf } from "../../lib/index";
import { runPython } from "./python";
import { temporaryFolder } from "./temporaryFolder";

const prelude = `
import json, sys, numpy as np, keras
from keras import layers as L, ops
folder = sys.argv[1]
keras.utils.set_random_seed(3)
random = np.random.default_rng(5)
answers = {}

def real(*shape): return random.uniform(-1, 1, shape).astype("float32")
def whole(*shape, high=5): return random.integers(0, high, shape).astype("int32")

def listed(a):
    return [dict(shape=list(b.shape), dtype="float32" if b.dtype == "float32" else "int32", values=b.flatten().tolist())
        for b in (a if isinstance(a, (list, tuple)) else [a])]

def answer(model, x):
    return [np.array(o).flatten().tolist() for o in [model.predict(x, batch_size=4, verbose=0)]]

def case(name, model, x, y=None, loss="mse", metrics=None, train=True, saved=True, eager=True, older=False):
    for w in model.weights:
        if "variance" in w.path or "gamma" in w.path: w.assign(random.uniform(0.5, 1.5, w.shape))
        elif w.dtype == "float32": w.assign(random.uniform(-0.7, 0.7, w.shape))
    y = real(*model(x).shape) if y is None else y
    model.compile(keras.optimizers.SGD(0.03), loss, metrics=metrics)
    model.save(f"{folder}/{name}.keras")
    model.run_eagerly = eager # quicker than to compile so small models
    found = dict(saved=saved, x=listed(x), y=listed(y), before=answer(model, x)[0])
    found["evaluated"] = [float(v) for v in np.atleast_1d(model.evaluate(x, y, batch_size=4, verbose=0))]
    if train:
        h = model.fit(x, y, batch_size=4, epochs=3, shuffle=False, verbose=0)
        found["history"] = {k: [float(v) for v in h.history[k]] for k in h.history}
        found["after"] = answer(model, x)[0]
        if older: model.save(f"{folder}/{name}.h5")
        assert np.isfinite(found["after"]).all(), f"{name} diverges"
    answers[name] = found
`;

const reread = `
import json, sys, numpy as np, keras
folder, names = sys.argv[1], sys.argv[2:]
out = {}
for name in names:
    x = [np.array(a["values"], a["dtype"]).reshape(a["shape"]) for a in json.load(open(f"{folder}/{name}.json"))]
    model = keras.models.load_model(f"{folder}/{name}-saved.keras")
    out[name] = np.array(model.predict(x if len(x) > 1 else x[0], batch_size=4, verbose=0)).flatten().tolist()
print(json.dumps(out))
`;

interface ArrayText {
  shape: number[];
  dtype: "float32" | "int32";
  values: number[];
}

interface Answer {
  /** Whether the model can be saved here. */
  saved: boolean;
  x: ArrayText[];
  y: ArrayText[];
  /** Predictions of the model as it was saved. */
  before: number[];
  evaluated: number[];
  /** Of three epochs in batches of four. */
  history?: Record<string, number[]>;
  after?: number[];
}

/** What Keras said about the models of one program. */
export class KerasCases {
  private readonly saved: string[] = [];

  private constructor(
    private readonly folder: string,
    private readonly answers: Record<string, Answer>,
  ) {}

  /**
   * Runs a program that calls `case(name, model, x, y)` for each model. Models get random weights first.
   *
   * @param program Python, with `keras`, `L` (its layers), `ops`, `np`, `real(…shape)` and `whole(…shape)`.
   */
  static async of(program: string): Promise<KerasCases> {
    const { path: folder } = temporaryFolder();
    const text = `${prelude}\n${program}\nprint(json.dumps(answers))`;
    const printed = await runPython(text, [folder]);
    return new KerasCases(folder, JSON.parse(printed.trim().split("\n").at(-1)!));
  }

  /** @param extension Of the file; `case` saves `.keras`. */
  load(name: string, extension = ".keras"): Promise<LayersModel> {
    return loadModel(this.file(name, extension));
  }

  /** The inputs as tensors; the caller disposes them. */
  inputs(name: string): Tensor | Tensor[] {
    return tensors(this.answers[name]!.x);
  }

  /** Asserts that predictions, losses, metrics and what training makes of them are Keras'. */
  async compare(
    name: string,
    { engine, tolerance = 2e-5 }: { engine: "eager" | "graph"; tolerance?: number },
  ): Promise<void> {
    const before = tf.memory().numTensors;
    const { x, y, saved, ...expected } = this.answers[name]!;
    const model = await this.load(name);
    const [xs, ys] = [tensors(x), tensors(y)];
    const close = (what: string, actual: number[], wanted: number[]) =>
      assertClose(`${name}, ${engine}: ${what}`, actual, { wanted, tolerance });
    const predicted = async () => {
      const output = await predict(model, xs, { batchSize: 4, engine, verbose: 0 });
      const values = Array.from((output as Tensor).dataSync());
      tf.dispose(output);
      return values;
    };
    close("predictions", await predicted(), expected.before);
    const evaluated = await evaluate(model, [xs, ys], { batchSize: 4, engine, verbose: 0 });
    close("evaluated", evaluated, expected.evaluated);
    if (saved) await this.save(name, model);
    if (expected.history !== undefined) {
      const options = { batchSize: 4, epochs: 3, shuffle: false, engine, verbose: 0 } as const;
      const { history } = await fit(model, [xs, ys], options);
      for (const [key, values] of Object.entries(expected.history)) {
        close(key, history[camelCased(key)]!, values);
      }
      close("predictions after training", await predicted(), expected.after!);
    }
    tf.dispose([xs, ys]);
    model.dispose();
    assert.equal(tf.memory().numTensors, before, `${name}, ${engine}: tensors left behind`);
  }

  /** Where the file of a case lies. */
  file(name: string, extension = ".keras"): string {
    return path.join(this.folder, name + extension);
  }

  /** Asserts that the older file of a case that has one, which Keras wrote after training, predicts the same. */
  async compareOlder(name: string): Promise<void> {
    const { x, after } = this.answers[name]!;
    const model = await loadModel(path.join(this.folder, `${name}.h5`), { compile: false });
    const xs = tensors(x);
    const output = (await predict(model, xs, { verbose: 0 })) as Tensor;
    const values = Array.from(output.dataSync());
    assertClose(`${name}.h5: predictions`, values, { wanted: after!, tolerance: 1e-6 });
    tf.dispose([xs, output]);
    model.dispose();
  }

  private async save(name: string, model: LayersModel): Promise<void> {
    await saveModel(model, path.join(this.folder, `${name}-saved.keras`));
    fs.writeFileSync(path.join(this.folder, `${name}.json`), JSON.stringify(this.answers[name]!.x));
    if (!this.saved.includes(name)) this.saved.push(name);
  }

  /** Asserts that Keras reads what was saved here, and predicts the same. */
  async compareSaved(): Promise<void> {
    const printed = await runPython(reread, [this.folder, ...this.saved]);
    const found = JSON.parse(printed.trim().split("\n").at(-1)!) as Record<string, number[]>;
    for (const name of this.saved) {
      const wanted = this.answers[name]!.before;
      assertClose(`${name}, read in Keras`, found[name]!, { wanted, tolerance: 1e-6 });
    }
  }
}

const names: Record<string, string> = { mean_absolute_error: "mae" };

function camelCased(key: string): string {
  return names[key] ?? key.replace(/_([a-z])/g, (_, next: string) => next.toUpperCase());
}

function tensors(arrays: ArrayText[]): Tensor | Tensor[] {
  const all = arrays.map(({ values, shape, dtype }) => tf.tensor(values, shape, dtype));
  return all.length === 1 ? all[0]! : all;
}

function assertClose(
  what: string,
  actual: number[],
  { wanted, tolerance }: { wanted: number[]; tolerance: number },
): void {
  assert.equal(actual.length, wanted.length, `${what}: how many`);
  actual.forEach((value, i) => {
    const difference = Math.abs(value - wanted[i]!);
    assert.ok(
      difference <= tolerance * Math.max(1, Math.abs(wanted[i]!)),
      `${what}: ${value}, Keras ${wanted[i]} (number ${i})`,
    );
  });
}
