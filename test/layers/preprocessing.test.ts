import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { InvalidArgumentError, layers, tf } from "../../lib/index";
import { runPython } from "../support/python";
import { largestDifference, leavesNoTensors, patternedImages } from "../support/tensors";

const pixels = patternedImages([3, 7, 9, 2]);
const methods = ["bilinear", "nearest", "bicubic", "lanczos3", "lanczos5", "area"] as const;
const sizes: [number, number][] = [
  [5, 4],
  [14, 11],
  [7, 9],
  [3, 12],
];
const resizings = sizes.flatMap(([height, width]) =>
  methods.flatMap((interpolation) =>
    [
      {},
      { cropToAspectRatio: true },
      { padToAspectRatio: true, fillValue: 7 },
      { antialias: true },
    ].map((options) => ({ height, width, interpolation, ...options })),
  ),
);
const crops: [number, number][] = [
  [4, 4],
  [7, 9],
  [5, 12],
  [10, 3],
  [20, 20],
];
const features = [
  [1, 10, 3],
  [2, 20, 3],
  [4, 60, 3],
  [8, -20, 3],
];
const normalizations = [
  { axis: -1 },
  { axis: null },
  { axis: 1, invert: true },
  { mean: 3, variance: 4 },
  { mean: [1, 2, 3], variance: [4, 9, 16], invert: true },
];

const adaptations = [
  [3, 0.01],
  [4, 0.05],
  [7, 0.001],
] as const;
const sounds = [
  { fftLength: 64, sequenceStride: 16, numMelBins: 10 },
  { fftLength: 33, sequenceLength: 21, sequenceStride: 7, numMelBins: 6, window: "hamming" },
  { fftLength: 48, numMelBins: 4, window: null, powerToDb: false, magExp: 1, maxFreq: 3000 },
] as const;
const poolSizes: [number, number][] = [
  [3, 4],
  [7, 9],
  [1, 2],
  [5, 5],
];

const program = `
import json, re, sys
import numpy as np, tensorflow as tf, keras
given = json.loads(sys.argv[1])
images = np.array(given["pixels"], "float32")
features = np.array(given["features"], "float32")
snake = lambda options: {re.sub("[A-Z]", lambda m: "_" + m[0].lower(), k): v for k, v in options.items()}
out = {"resized": [], "gradients": [], "normalized": []}
for options in given["resizings"]:
    layer = keras.layers.Resizing(**snake(options))
    x = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
        loss = tf.reduce_sum(tf.square(y))
    out["resized"].append(np.array(y).tolist())
    out["gradients"].append(None if options["interpolation"] == "area"
                            else tape.gradient(loss, x).numpy().tolist())
out["whole"] = np.array(keras.layers.Resizing(5, 4)(images.astype("int32"))).tolist()
out["cropped"] = [np.array(keras.layers.CenterCrop(h, w)(images)).tolist() for h, w in given["crops"]]
out["rescaled"] = np.array(keras.layers.Rescaling(1 / 127.5, offset=-1)(images.astype("uint8"))).tolist()
for options in given["normalizations"]:
    layer = keras.layers.Normalization(**options)
    if "mean" not in options:
        layer.adapt(features)
    else:
        layer.build((None, 3))
    out["normalized"].append({
        "values": np.array(layer(features)).tolist(),
        "weights": [np.array(w).tolist() for w in layer.weights],
        "names": [w.name for w in layer.weights],
    })
out["adapted"] = []
for bins, epsilon in given["adaptations"]:
    layer = keras.layers.Discretization(num_bins=bins, epsilon=epsilon)
    layer.adapt(images)
    out["adapted"].append(layer.bin_boundaries)
out["discretized"] = {mode: np.array(keras.layers.Discretization([1.5, 3.0, 20.0], output_mode=mode)(features)).tolist()
                      for mode in ("int", "one_hot", "multi_hot", "count")}
categories = np.array([[0, 2, 2], [3, 1, 0]])
out["encoded"] = {mode: np.array(keras.layers.CategoryEncoding(4, output_mode=mode)(categories)).tolist()
                  for mode in ("one_hot", "multi_hot", "count")}
pooled = lambda kind, size: np.array(getattr(keras.layers, f"Adaptive{kind}Pooling2D")(size)(images)).tolist()
sound = np.sin(np.arange(600) ** 1.4 * 0.01).reshape(2, 300).astype("float32")
out["sounds"] = [np.array(keras.layers.MelSpectrogram(**snake(options))(sound)).tolist() for options in given["sounds"]]
out["pooled"] = {kind: [pooled(kind, size) for size in given["poolSizes"]] for kind in ("Average", "Max")}
print(json.dumps(out))
`;

type ByMode = Record<"int" | "one_hot" | "multi_hot" | "count", unknown>;
interface KerasResults {
  adapted: number[][];
  sounds: unknown[];
  discretized: ByMode;
  encoded: ByMode;
  pooled: Record<"Average" | "Max", unknown[]>;
  resized: unknown[];
  gradients: (unknown | null)[];
  whole: unknown;
  cropped: unknown[];
  rescaled: unknown;
  normalized: { values: unknown; weights: unknown[]; names: string[] }[];
}
let keras: KerasResults;
before(async () => {
  const given = {
    ...{ pixels, resizings, crops, features, normalizations },
    ...{ adaptations, poolSizes, sounds },
  };
  keras = JSON.parse(await runPython(program, [JSON.stringify(given)]));
});

test("resizing() gives Keras' pixels and gradients, for every method, size and option", () => {
  for (const [i, options] of resizings.entries()) {
    leavesNoTensors(() =>
      tf.tidy(() => {
        const layer = layers.resizing(options);
        const images = tf.tensor4d(pixels);
        const resized = layer.apply(images) as Tensor;
        const { height, width } = options;
        assert.deepEqual(resized.shape, [3, height, width, 2]);
        assert.deepEqual(layer.computeOutputShape([null, 7, 9, 2]), [null, height, width, 2]);
        const about = JSON.stringify(options);
        assert.ok(largestDifference(resized, keras.resized[i]) < 1e-3, about);
        if (keras.gradients[i] === null) return;
        const gradient = tf.grad((x) => tf.sum(tf.square(layer.apply(x) as Tensor)))(images);
        assert.ok(largestDifference(gradient, keras.gradients[i]) < 5e-3, `gradient ${about}`);
      }),
    );
  }
});

test("resizing() keeps whole numbers whole, and takes one image", () => {
  leavesNoTensors(() =>
    tf.tidy(() => {
      const layer = layers.resizing({ height: 5, width: 4 });
      const images = tf.cast(tf.tensor4d(pixels), "int32");
      const resized = layer.apply(images) as Tensor;
      assert.equal(resized.dtype, "int32");
      assert.equal(largestDifference(resized, keras.whole), 0);
      const one = layer.apply(images.slice([0], [1]).squeeze([0])) as Tensor;
      assert.deepEqual(one.shape, [5, 4, 2]);
    }),
  );
});

test("centerCrop() gives Keras' pixels, for smaller and larger sizes", () => {
  for (const [i, [height, width]] of crops.entries()) {
    leavesNoTensors(() =>
      tf.tidy(() => {
        const cropped = layers.centerCrop({ height, width }).apply(tf.tensor4d(pixels)) as Tensor;
        assert.deepEqual(cropped.shape, [3, height, width, 2]);
        assert.ok(largestDifference(cropped, keras.cropped[i]) < 1e-4, `${height}x${width}`);
      }),
    );
  }
});

test("rescaling() gives Keras' values", () => {
  leavesNoTensors(() =>
    tf.tidy(() => {
      const layer = layers.rescaling({ scale: 1 / 127.5, offset: -1 });
      const rescaled = layer.apply(tf.cast(tf.tensor4d(pixels), "int32")) as Tensor;
      assert.ok(largestDifference(rescaled, keras.rescaled) < 1e-6);
    }),
  );
});

test("normalization() gives Keras' values and weights, given or learnt from one tensor", async () => {
  const x = tf.tensor2d(features);
  const before = tf.memory().numTensors;
  for (const [i, options] of normalizations.entries()) {
    const expected = keras.normalized[i]!;
    const layer = layers.normalization(options);
    if (!("mean" in options)) await layer.adapt(x);
    tf.tidy(() => {
      assert.ok(largestDifference(layer.apply(x) as Tensor, expected.values) < 1e-5);
      const weights = layer.getWeights();
      assert.deepEqual(
        layer.weights.map(({ originalName }) => originalName.split("/").at(-1)),
        expected.names,
      );
      for (const [k, weight] of weights.entries()) {
        assert.ok(largestDifference(weight, expected.weights[k]) < 1e-4);
      }
    });
    layer.dispose();
  }
  assert.equal(tf.memory().numTensors, before);
  x.dispose();
});

test("normalization() learns the same from batches, a tf.data.Dataset and one tensor", async () => {
  const x = tf.tensor2d(features);
  const rows = tf.split(x, [1, 3], 0);
  const dataset = tf.data.array(features).batch(3) as never;
  const before = tf.memory().numTensors;
  for (const data of [x, rows, dataset]) {
    const layer = layers.normalization();
    await layer.adapt(data);
    tf.tidy(() => {
      const { values } = keras.normalized[0]!;
      assert.ok(largestDifference(layer.apply(x) as Tensor, values) < 1e-5);
    });
    layer.dispose();
  }
  assert.equal(tf.memory().numTensors, before);
  tf.dispose([x, rows]);
});

test("normalization() refuses to learn from nothing, or from what does not fit", async () => {
  await assert.rejects(layers.normalization().adapt([]), /`data` must be at least one batch/);
  const layer = layers.normalization({ inputShape: [3] });
  tf.sequential({ layers: [layer] });
  const x = tf.ones([2, 4]);
  await assert.rejects(layer.adapt(x), InvalidArgumentError);
  const given = layers.normalization({ mean: 0, variance: 1 });
  await assert.rejects(given.adapt(x), /needs a layer without `mean`/);
  assert.throws(() => layers.normalization({ axis: 3 }).apply(x), /`axis` must be axes of/);
  x.dispose();
});

test("models with preprocessing layers come back from JSON, weights included", async () => {
  const images = tf.tensor4d(pixels);
  const stack = [
    layers.resizing({ height: 6, width: 6, interpolation: "bicubic", inputShape: [7, 9, 2] }),
    layers.centerCrop({ height: 4, width: 4 }),
    layers.rescaling({ scale: 1 / 255 }),
    layers.normalization(),
  ];
  const model = tf.sequential({ layers: stack });
  assert.deepEqual(model.outputShape, [null, 4, 4, 2]);
  const small = tf.ones([2, 4, 4, 2]);
  await (stack[3] as layers.Normalization).adapt(small);
  const copy = await tf.models.modelFromJSON(JSON.parse(model.toJSON() as string));
  assert.deepEqual(
    copy.layers.map((layer) => layer.getConfig()),
    model.layers.map((layer) => layer.getConfig()),
  );
  tf.tidy(() => {
    copy.setWeights(model.getWeights());
    const [mine, its] = [model, copy].map((m) => m.predict(images) as Tensor);
    assert.equal(largestDifference(its!, Array.from(mine!.dataSync())), 0);
  });
  tf.dispose([images, small]);
});

test("discretization() finds Keras' boundaries, and encodes as Keras does", () => {
  leavesNoTensors(() =>
    tf.tidy(() => {
      for (const [i, [numBins, epsilon]] of adaptations.entries()) {
        const layer = layers.discretization({ numBins, epsilon });
        assert.throws(() => layer.apply(tf.ones([1, 2])), /has to `adapt` to data first/);
        layer.adapt(tf.tensor4d(pixels));
        const found = tf.tensor1d((layer.getConfig() as { binBoundaries: number[] }).binBoundaries);
        assert.ok(largestDifference(found, keras.adapted[i]) < 1e-4, `${numBins}, ${epsilon}`);
      }
      const spelled = {
        int: "int",
        oneHot: "one_hot",
        multiHot: "multi_hot",
        count: "count",
      } as const;
      for (const [outputMode, theirs] of Object.entries(spelled)) {
        const mode = outputMode as keyof typeof spelled;
        const layer = layers.discretization({ binBoundaries: [1.5, 3, 20], outputMode: mode });
        const output = layer.apply(tf.tensor2d(features)) as Tensor;
        assert.equal(largestDifference(output, keras.discretized[theirs]), 0, theirs);
        assert.deepEqual(layer.computeOutputShape([4, 3]), output.shape);
        if (mode === "int") continue;
        const categories = tf.tensor2d([0, 2, 2, 3, 1, 0], [2, 3], "int32");
        const encoding = layers.categoryEncoding({ numTokens: 4, outputMode: mode });
        const encoded = encoding.apply(categories) as Tensor;
        assert.equal(largestDifference(encoded, keras.encoded[theirs]), 0, theirs);
      }
    }),
  );
});

test("adaptive pooling gives Keras' values, of windows that overlap too", () => {
  for (const [i, outputSize] of poolSizes.entries()) {
    leavesNoTensors(() =>
      tf.tidy(() => {
        const images = tf.tensor4d(pixels);
        const average = layers.adaptiveAveragePooling2d({ outputSize }).apply(images) as Tensor;
        assert.ok(largestDifference(average, keras.pooled.Average[i]) < 1e-4, `${outputSize}`);
        const most = layers.adaptiveMaxPooling2d({ outputSize }).apply(images) as Tensor;
        assert.equal(largestDifference(most, keras.pooled.Max[i]), 0, `${outputSize}`);
      }),
    );
  }
});

test("melSpectrogram() gives Keras' pictures, of several sounds and of one", () => {
  for (const [i, options] of sounds.entries()) {
    leavesNoTensors(() =>
      tf.tidy(() => {
        const layer = layers.melSpectrogram(options);
        const waves = Array.from({ length: 600 }, (_, k) => Math.sin(k ** 1.4 * 0.01));
        const sound = tf.tensor2d(waves, [2, 300]);
        const picture = layer.apply(sound) as Tensor;
        assert.ok(largestDifference(picture, keras.sounds[i]) < 2e-3, JSON.stringify(options));
        assert.deepEqual(layer.computeOutputShape([null, 300]), [null, ...picture.shape.slice(1)]);
        const one = layer.apply(tf.squeeze(tf.slice(sound, [0, 0], [1, 300]), [0])) as Tensor;
        assert.deepEqual(one.shape, picture.shape.slice(1));
      }),
    );
  }
});
