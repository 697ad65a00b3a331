import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { layers, tf } from "../../lib/index";
import { keySourcesOf, registerLayers } from "../../lib/layers";
import { runPython } from "../support/python";

const program = `
import json, sys, keras
layers = [
    keras.layers.Rescaling(1 / 255),
    keras.layers.RandomFlip(),
    keras.layers.RandomFlip("vertical", seed=3),
    keras.layers.RandomRotation(0.1, fill_mode="wrap", interpolation="nearest"),
    keras.layers.RandomZoom(0.2, (-0.1, 0.3)),
    keras.layers.RandomTranslation(0.2, 0.1, fill_mode="constant", fill_value=2.0),
    keras.layers.RandomContrast(0.3, value_range=(0, 1)),
    keras.layers.RandomBrightness((-0.1, 0.2)),
    keras.layers.Resizing(9, 9, interpolation="bicubic", antialias=True),
    keras.layers.CenterCrop(8, 8),
    keras.layers.RandomCrop(8, 8, seed=1),
    keras.layers.SpatialDropout2D(0.1),
    keras.layers.Dropout(0.5, noise_shape=(None, 1, None, None), seed=7),
    keras.layers.GaussianNoise(0.1),
    keras.layers.GaussianDropout(0.1),
    keras.layers.AlphaDropout(0.1),
    keras.layers.Normalization(),
    keras.layers.Normalization(axis=None, mean=2.0, variance=4.0, invert=True),
]
describe = lambda l: {"class_name": type(l).__name__, "config": l.get_config()}
accepted = [getattr(keras.layers, d["class_name"]).from_config(d["config"]) for d in json.loads(sys.argv[1])]
print(json.dumps({"theirs": [describe(l) for l in layers], "accepted": [describe(l) for l in accepted]}))
`;

interface KerasLayer {
  class_name: string;
  config: Record<string, unknown>;
}

const tfjsDropout = registered("Dropout");

/** What `toJSON` writes for layers of ours, without what only tfjs has. */
function written(): KerasLayer[] {
  const model = tf.sequential({
    layers: [
      tf.layers.inputLayer({ inputShape: [12, 12, 3] }),
      layers.rescaling({ scale: 1 / 255 }),
      layers.randomFlip({ mode: "horizontalAndVertical", seed: 5 }),
      layers.randomRotation({ factor: [-0.1, 0.3], fillMode: "nearest" }),
      layers.randomZoom({ heightFactor: 0.2, widthFactor: [0, 0.1] }),
      layers.randomTranslation({ heightFactor: 0.2, widthFactor: 0.1, interpolation: "nearest" }),
      layers.randomContrast({ factor: 0.3, valueRange: [0, 1] }),
      layers.randomBrightness({ factor: 0.5 }),
      layers.randomCrop({ height: 9, width: 9, seed: 1 }),
      layers.resizing({ height: 8, width: 8, interpolation: "lanczos3", padToAspectRatio: true }),
      layers.centerCrop({ height: 6, width: 6 }),
      layers.dropout({ rate: 0.5, noiseShape: [null, 1, 1, null], seed: 2 }),
      layers.gaussianNoise({ stddev: 0.1 }),
      layers.gaussianDropout({ rate: 0.1 }),
      layers.alphaDropout({ rate: 0.1 }),
      layers.normalization({ axis: null, mean: 2, variance: 3, invert: true }),
    ],
  });
  const { config } = JSON.parse(model.toJSON() as string) as { config: { layers: KerasLayer[] } };
  return config.layers.slice(1);
}

let ours: KerasLayer[];
let keras: { theirs: KerasLayer[]; accepted: KerasLayer[] };

function registered(className: string): unknown {
  const map = tf.serialization.SerializationMap.getMap();
  return map.classNameMap[className]?.[0];
}

before(async () => {
  assert.equal(registered("RandomFlip"), undefined, "nothing is registered by importing");
  ours = written();
  keras = JSON.parse(await runPython(program, [JSON.stringify(ours)]));
});

test("the first layer made registers all, under Keras' names; tfjs' Rescaling stays", () => {
  assert.notEqual(tfjsDropout, layers.Dropout);
  assert.equal(registered("Dropout"), layers.Dropout);
  assert.equal(registered("RandomFlip"), layers.RandomFlip);
  assert.equal(registered("Rescaling"), tf.layers.rescaling({ scale: 1 }).constructor);
});

test("configurations of our layers make Keras' layers, with the same options", () => {
  for (const [i, { class_name, config }] of ours.entries()) {
    const accepted = keras.accepted[i]!;
    assert.equal(accepted.class_name, class_name);
    for (const [key, value] of Object.entries(config)) {
      assert.deepEqual(accepted.config[key], value, `${class_name}.${key}`);
    }
  }
});

test("configurations that Python's Keras wrote make our layers, with the same options", async () => {
  registerLayers();
  const described = keras.theirs.map(({ class_name, config }) => ({
    class_name,
    config: { ...config, dtype: "float32" }, // Keras 3 writes a policy, which tfjs does not know
  }));
  const input = {
    class_name: "InputLayer",
    config: { name: "images", batch_input_shape: [null, 12, 12, 3], dtype: "float32" },
  };
  const config = { name: "made_by_keras", layers: [input, ...described] };
  const json = { class_name: "Sequential", config } as Parameters<
    typeof tf.models.modelFromJSON
  >[0];
  const model = await tf.models.modelFromJSON(json);
  const rewritten = JSON.parse(model.toJSON() as string) as { config: { layers: KerasLayer[] } };
  for (const [i, layer] of described.entries()) {
    const again = rewritten.config.layers[i + 1]!;
    assert.equal(again.class_name, layer.class_name);
    for (const [key, value] of Object.entries(layer.config)) {
      if (key === "dtype") continue; // tfjs writes it for first layers only
      if (key === "data_format" && again.config[key] === undefined) continue;
      assert.deepEqual(again.config[key], value, `${layer.class_name}.${key}`);
    }
  }
  assert.deepEqual(model.outputShape, [null, 8, 8, 3]);
});

test("keySourcesOf() finds the random layers of nested models, once each", () => {
  const flip = layers.randomFlip({ inputShape: [4, 4, 1] });
  const inner = tf.sequential({ layers: [flip, layers.randomZoom({ heightFactor: 0.1 })] });
  const dropout = layers.dropout({ rate: 0.5 });
  const model = tf.sequential({
    layers: [inner, tf.layers.flatten(), dropout, tf.layers.dense({ units: 1 })],
  });
  const sources = keySourcesOf(model);
  assert.equal(sources.length, 3);
  assert.deepEqual([sources[0], sources[2]], [flip.keys, dropout.keys]);
  const x = tf.ones([2, 4, 4, 1]);
  const run = () => {
    const output = model.apply(x, { training: true }) as Tensor;
    const values = Array.from(output.dataSync());
    output.dispose();
    return values;
  };
  run();
  const kept = sources.map((source) => source.getState());
  const next = run();
  for (const [i, source] of sources.entries()) source.setState(kept[i]!);
  assert.deepEqual(run(), next);
  x.dispose();
  model.dispose();
});
