/** Initializers and regularizers that tfjs lacks, or can't tell apart, of Keras' files and back. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { layers, regularizers as made, saveModel } from "../../lib/index";
import type { Json } from "../../lib/json";
import { readArchive } from "../../lib/saving/archive";
import { readInitializer, readRegularizer, writeInitializer } from "../../lib/saving/objects";
import { initializerOf, tf } from "../../lib/tfjs";
import { KerasCases } from "../support/kerasCases";

const regularizers: Record<string, string> = {
  "L1L2 of nothing": "kernel_regularizer=R.L1L2()",
  "L1L2 with one of both": "kernel_regularizer=R.L1L2(l1=0.1)",
  "rows at right angles": "kernel_regularizer=R.OrthogonalRegularizer(0.5)",
  "columns at right angles": "kernel_regularizer=R.OrthogonalRegularizer(0.25, 'columns')",
  "outputs at right angles": "activity_regularizer=R.OrthogonalRegularizer(0.5)",
};
const initializers: Record<string, string> = {
  "a scaling with the numbers of another": "I.VarianceScaling(2.0)",
  "normals that aren't cut": "I.VarianceScaling(0.5, 'fan_avg', 'untruncated_normal', seed=3)",
  "axes of one's own": "I.GlorotNormal(input_axes=[0], output_axes=[1])",
  "a uniform scaling by outputs": "I.VarianceScaling(1.0, 'fan_out', 'uniform')",
};

const program = `
I, R = keras.initializers, keras.regularizers
def dense(name, **options):
    case(name, keras.Sequential([keras.Input((4,)), L.Dense(3, **options), L.Dense(1)]), real(8, 4))
${Object.entries(regularizers)
  .map(([name, option]) => `dense("${name}", ${option})`)
  .join("\n")}
${Object.entries(initializers)
  .map(([name, made]) => `dense("${name}", kernel_initializer=${made})`)
  .join("\n")}
`;

let cases: KerasCases | undefined;
before(async () => {
  cases = await KerasCases.of(program);
});

describe("what shapes weights", () => {
  it("regularizers.orthogonalRegularizer is what Keras' files name", async () => {
    for (const [name, options] of [
      ["rows at right angles", { factor: 0.5 }],
      ["columns at right angles", { factor: 0.25, mode: "columns" }],
    ] as const) {
      const model = await cases!.load(name);
      const kernelRegularizer = made.orthogonalRegularizer(options);
      const dense = tf.layers.dense({ units: 3, inputShape: [4], kernelRegularizer });
      const ours = tf.sequential({ layers: [dense, tf.layers.dense({ units: 1 })] });
      const tensors = tf.memory().numTensors;
      assert.deepEqual(dense.getConfig().kernelRegularizer, {
        className: "OrthogonalRegularizer",
        config: { mode: "rows", ...options },
      });
      const of = (each: tf.LayersModel) => each.layers[0]!.getConfig().kernelRegularizer;
      assert.deepEqual(of(ours), of(model));
      const x = tf.tensor2d([3, 4, 0, 0, 4, 3], [2, 3]);
      const penalty = made.orthogonalRegularizer({ factor: 1 }).apply(x) as tf.Scalar;
      assert.ok(Math.abs(penalty.dataSync()[0]! - 16 / 25) < 1e-6);
      tf.dispose([x, penalty]);
      assert.equal(tf.memory().numTensors, tensors);
      for (const each of [model, ours]) each.dispose();
    }
    assert.throws(() => made.orthogonalRegularizer({ mode: "both" as never }), /`mode` must be/);
    assert.throws(() => made.orthogonalRegularizer({ factor: -1 }), /`factor` must be/);
  });

  for (const name of Object.keys(regularizers)) {
    for (const engine of ["eager", "graph"] as const) {
      it(`${name}: trains as in Keras, engine ${engine}`, () => cases!.compare(name, { engine }));
    }
  }

  for (const name of [...Object.keys(regularizers), ...Object.keys(initializers)]) {
    it(`${name}: is written as it was read`, async () => {
      const model = await cases!.load(name);
      const again = cases!.file(name, "-again.keras");
      await saveModel(model, again);
      model.dispose();
      const configOf = async (file: string) => JSON.parse((await readArchive(file)).config).config;
      const [written, read] = [await configOf(again), await configOf(cases!.file(name))];
      const own = (config: Json) => (config as { layers: { config: Json }[] }).layers[1]!.config;
      const shaping = /^(kernel|activity)_(initializer|regularizer)$/;
      const compare = (config: Json) =>
        Object.fromEntries(
          Object.entries(own(config) as Record<string, Json>)
            .filter(([key]) => shaping.test(key))
            .map(([key, value]) => [key, plain(value)]),
        );
      assert.deepEqual(compare(written), compare(read));
    });
  }
});

/** Without what is null, and without what tells Python's objects apart. */
function plain(value: Json): Json {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  const entries = Object.entries(value)
    .filter(([key, each]) => each !== null && key !== "shared_object_id")
    .map(([key, each]) => [key, plain(each)]);
  return Object.fromEntries(entries);
}

it("first values have the deviation that was asked for, and are cut only where that was", () => {
  const before = tf.memory().numTensors;
  const drawn = (config: Record<string, Json>) => {
    const description = readInitializer({ class_name: "VarianceScaling", config }, "it");
    const values = initializerOf(description).apply([200, 100, 50]);
    const numbers = Array.from(values.dataSync());
    values.dispose();
    const deviation = Math.sqrt(numbers.reduce((sum, x) => sum + x ** 2, 0) / numbers.length);
    const widest = numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    return { deviation, widest };
  };
  const scaling = { scale: 2, mode: "fan_in", seed: 5 };
  const fan = Math.sqrt(2 / 20_000);
  const cut = drawn({ ...scaling, distribution: "truncated_normal" });
  const whole = drawn({ ...scaling, distribution: "untruncated_normal" });
  const even = drawn({ ...scaling, distribution: "uniform" });
  for (const { deviation } of [cut, whole, even]) assert.ok(Math.abs(deviation / fan - 1) < 0.01);
  assert.ok(cut.widest < 2.3 * fan, `${cut.widest / fan}`);
  assert.ok(whole.widest > 4 * fan, `${whole.widest / fan}`);
  assert.ok(even.widest < 1.74 * fan, `${even.widest / fan}`);
  const axes = { ...scaling, distribution: "uniform", input_axes: [0], output_axes: [1] };
  const byAxes = drawn(axes);
  assert.ok(Math.abs(byAxes.deviation / Math.sqrt(2 / 200) - 1) < 0.01);
  assert.equal(tf.memory().numTensors, before);
});

it("tfjs' own objects are written as Keras' that mean the same", () => {
  const layer = layers.conv1d({ filters: 2, kernelSize: 3 });
  assert.ok(layer.getConfig().kernelInitializer);
  for (const distribution of ["normal", "truncatedNormal"] as const) {
    const made = tf.initializers.varianceScaling({ scale: 3, mode: "fanOut", distribution });
    const { scale, mode } = made.getConfig();
    const scaling = { className: "VarianceScaling", config: { scale, mode, distribution } };
    const written = writeInitializer(scaling as never, "it") as {
      class_name: string;
      config: Json;
    };
    assert.equal(written.class_name, "VarianceScaling");
    const expected = { scale: 3, mode: "fan_out", distribution: "truncated_normal" };
    assert.deepEqual(written.config, expected);
  }
});

it("an orthogonal regularizer is for matrices, and says so of anything else", () => {
  const orthogonal = (config: Record<string, Json>) =>
    readRegularizer({ class_name: "OrthogonalRegularizer", config }, "it");
  assert.throws(
    () => orthogonal({ factor: 0.1, mode: "fan_in" }),
    /mode is "fan_in"\. Supported: rows, columns/,
  );
  assert.throws(() => orthogonal({ factor: -1, mode: "rows" }), /factor is -1/);
  const layer = tf.layers.conv1d({
    filters: 2,
    kernelSize: 3,
    inputShape: [5, 2],
    kernelRegularizer: orthogonal({ factor: 0.1, mode: "rows" }) as never,
  });
  const model = tf.sequential({ layers: [layer] });
  assert.throws(() => layer.calculateLosses(), /needs a matrix\. Received: \[3,2,2\]/);
  model.dispose();
});
