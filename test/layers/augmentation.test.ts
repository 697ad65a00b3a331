import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { layers, tf } from "../../lib/index";
import { areas, withinBoxes } from "../../lib/layers/boxes";
import { blend } from "../../lib/layers/mixing";
import { projectiveTransform } from "../../lib/layers/projectiveTransform";
import { bend } from "../../lib/layers/randomElasticTransform";
import { blur, sharpen } from "../../lib/layers/randomFilters";
import { saturate, turnHue } from "../../lib/layers/randomHue";
import { perspectives } from "../../lib/layers/randomPerspective";
import { degenerate } from "../../lib/layers/randomShades";
import { shears } from "../../lib/layers/randomShear";
import { posterize, solarize } from "../../lib/layers/randomTones";
import { runPython } from "../support/python";
import { largestDifference, leavesNoTensors, patternedImages } from "../support/tensors";

const pixels = patternedImages([4, 24, 22, 3]);
const amounts = [0.1, 0.45, 0.7, 1.3];
const turns = [0.4, -0.5, 0.05, -0.1];
const bits = [1, 3, 6, 8];
const slants = [
  [0.2, 0],
  [-0.3, 0.1],
  [0, 0.5],
  [0.1, -0.2],
];
const corners = [
  [0.1, -0.2],
  [0.3, 0.4],
  [-0.5, 0.2],
  [0.1, 0.1],
];
const order = [2, 0, 3, 1];
const boxes = [
  [1.5, 9, 2, 5.25],
  [0, 22, 0, 24],
  [3, 3, 4, 9],
  [20.5, 22, 0.25, 24],
];
const noise = patternedImages([4, 24, 22, 1]).map((image) =>
  image.map((row) => row.map(([value]) => [(value! - 127) / 90])),
);
const fillModes = ["reflect", "constant", "wrap", "nearest"] as const;
const interpolations = ["bilinear", "nearest"] as const;
const tones = {
  autoContrast: [{}, { valueRange: [0, 300] }],
  equalization: [{}, { bins: 64, valueRange: [0, 300] }],
  contrastLimitedAdaptiveHistogramEqualization: [
    {},
    { clipLimit: 0, tileGridSize: [3, 2] },
    { clipLimit: 1.5, tileGridSize: [5, 4], valueRange: [-10, 270] },
  ],
} as const;
/** Layers whose draws don't matter: probabilities and ranges of one value. */
const fixed = {
  randomInvert: [{ factor: [0, 0] }, { factor: [1, 1], valueRange: [0, 300] }],
  randomGrayscale: [{ factor: 1 }, { factor: 0 }],
  randomErasing: [
    { factor: [1, 1], scale: [1, 1], fillValue: 7 },
    { factor: [1, 1], scale: [1, 1], fillValue: [1, 2, 300] },
    { factor: [0, 0] },
  ],
  randomPosterization: [{ factor: [3, 3] }, { factor: [5, 5], valueRange: [0, 300] }],
  randomColorDegeneration: [{ factor: [0.3, 0.3] }, { factor: [-0.5, -0.5] }],
  randomSharpness: [{ factor: [0.9, 0.9] }, { factor: [0, 0] }],
  randomSaturation: [{ factor: [0.7, 0.7], valueRange: [0, 1] }, { factor: [-0.1, -0.1] }],
  randomGaussianBlur: [{ factor: [1, 1], kernelSize: [5, 3], sigma: [0.8, 0.8] }],
  randomColorJitter: [
    { brightnessFactor: [0.1, 0.1], saturationFactor: [0.4, 0.4] },
    { contrastFactor: [0, 0] },
  ],
} as const;

// Keras applies its own layers to given numbers instead of random ones.
const program = `
import json, re, sys
import numpy as np, tensorflow as tf, keras
from keras.src.backend.tensorflow import image as kimage
given = json.loads(sys.argv[1])
L = keras.layers
pattern = lambda *shape: (np.arange(np.prod(shape)) * 37.7 % 255).reshape(shape)
images = pattern(4, 24, 22, 3).astype("float32")
noise = ((pattern(4, 24, 22) - 127) / 90).astype("float32")
n, height, width, _ = images.shape
array = lambda name: np.array(given[name], "float32")
spread = lambda name: array(name).reshape(-1, 1, 1, 1)
snake = lambda options: {re.sub("[A-Z]", lambda m: "_" + m[0].lower(), k): v for k, v in options.items()}
classes = {name.lower(): getattr(L, name) for name in dir(L)}
def made(name, options):
    return classes[name.lower()](**{k: tuple(v) if isinstance(v, list) else v for k, v in snake(options).items()})
out = {"tones": {}, "fixed": {}, "bent": {}, "sheared": {}}
listed = lambda x: np.array(x).tolist()
for name, many in given["tones"].items():
    out["tones"][name] = [listed(made(name, options)(images, training=True)) for options in many]
for name, many in given["fixed"].items():
    out["fixed"][name] = [listed(made(name, options)(images, training=True)) for options in many]
out["hue"] = listed(L.RandomHue(0.1).transform_images(images, {"factor": array("turns")}))
out["saturated"] = listed(L.RandomSaturation(0.1, value_range=(0, 1)).transform_images(images, {"factor": array("amounts")}))
out["degenerate"] = listed(L.RandomColorDegeneration(0.1).transform_images(images, {"factor": spread("amounts")}))
out["sharpened"] = listed(L.RandomSharpness(0.1).transform_images(images, {"factor": array("amounts") / 2}))
out["posterized"] = listed(L.RandomPosterization(3).transform_images(
    images, {"shift_factor": np.array([8 - b for b in given["bits"]], "uint8")}))
out["solarized"] = listed(L.Solarization(value_range=(-10, 260)).transform_images(
    images, {"additions": spread("amounts") * 40, "thresholds": spread("amounts") * 150}))
out["blurred"] = listed(L.RandomGaussianBlur(kernel_size=(7, 7)).transform_images(images, {
    "blur_factor": np.array([0.6, 0.9], "float32"), "should_apply_blur": np.ones(n, bool)}))
start = np.tile(np.array([[[0, 0], [width - 1, 0], [0, height - 1], [width - 1, height - 1]]], "float32"), (n, 1, 1))
end = start * (1 + array("corners"))
out["perspective"] = listed(L.RandomPerspective(fill_value=3.5).transform_images(images, {
    "apply_perspective": np.ones(n, bool), "start_points": start, "end_points": end, "input_shape": images.shape}))
for interpolation in given["interpolations"]:
    for fill in given["fillModes"]:
        options = dict(interpolation=interpolation, fill_mode=fill, fill_value=3.5)
        shear = L.RandomShear(0.1, 0.1, **options)
        out["sheared"][interpolation + fill] = listed(shear.transform_images(
            images, {"shear_factor": tf.constant(array("slants")), "input_shape": images.shape}))
        drawn = tf.random.stateless_normal
        try:
            tf.random.stateless_normal = lambda shape, **_: tf.constant(noise)
            out["bent"][interpolation + fill] = listed(kimage.elastic_transform(
                tf.constant(images), alpha=24 * 0.1 * 0.95, sigma=22 * 0.05 * 0.95, seed=1, **options))
        finally:
            tf.random.stateless_normal = drawn
cut = L.CutMix()
box = [tf.constant(array("boxes")[:, i]) for i in (0, 1, 2, 3)]
masks, weight = cut._generate_batch_mask(images.shape, box)
mixed = {"permutation_order": np.array(given["order"]), "batch_masks": masks, "mix_weight": weight}
labels = np.eye(4, dtype="float32")
out["cut"] = listed(cut.transform_images(images, mixed))
out["cutLabels"] = listed(cut.transform_labels(labels, mixed))
mixed = {"permutation_order": np.array(given["order"]), "mix_weight": array("amounts")}
out["mixed"] = listed(L.MixUp().transform_images(images, mixed))
out["mixedLabels"] = listed(L.MixUp().transform_labels(labels, mixed))
out["beta"] = [float(np.std(keras.random.beta((20000,), a, a, seed=3))) for a in (0.2, 1.0)]
print(json.dumps(out))
`;

type Numbers = Record<string, unknown>;
let keras: Numbers & Record<"tones" | "fixed" | "bent" | "sheared", Record<string, never>>;
before(async () => {
  const given = {
    ...{ amounts, turns, bits, slants, order, boxes },
    ...{ fillModes, interpolations, tones, fixed },
  };
  const whole = { ...given, corners: pixels.map(() => corners) };
  keras = JSON.parse(await runPython(program, [JSON.stringify(whole)]));
});

const images = () => tf.tensor4d(pixels);
const each = (values: number[]) => tf.tensor(values, [4, 1, 1, 1]);
const make = layers as unknown as Record<
  string,
  (options: object) => { apply(...x: unknown[]): Tensor }
>;
const training = { training: true };

/** Compares with Keras, and counts tensors. */
function same(compute: () => Tensor, expected: unknown, allowed = 2e-3, about = ""): void {
  leavesNoTensors(() =>
    tf.tidy(() => {
      const apart = largestDifference(compute(), expected);
      assert.ok(apart < allowed, `${about}: ${apart}`);
    }),
  );
}

test("layers of tones, which draw nothing, give Keras' pixels", () => {
  for (const [name, many] of Object.entries(tones)) {
    for (const [i, options] of many.entries()) {
      const about = `${name} ${JSON.stringify(options)}`;
      const layer = make[name]!(options);
      same(() => layer.apply(images(), training), keras.tones[name]![i], 5e-3, about);
    }
  }
});

test("layers whose factors leave them no choice give Keras' pixels", () => {
  for (const [name, many] of Object.entries(fixed)) {
    for (const [i, options] of many.entries()) {
      const about = `${name} ${JSON.stringify(options)}`;
      const layer = make[name]!(options);
      same(() => layer.apply(images(), training), keras.fixed[name]![i], 5e-3, about);
    }
  }
});

test("colours change by given numbers as Keras changes them", () => {
  const range: [number, number] = [0, 255];
  same(() => turnHue(images(), each(turns.map((turn) => turn)), range), keras.hue, 5e-3, "hue");
  same(() => saturate(images(), each(amounts), [0, 1]), keras.saturated, 5e-3, "saturation");
  same(() => degenerate(images(), each(amounts), range), keras.degenerate);
  same(() => sharpen(images(), each(amounts), range), keras.sharpened);
  same(() => posterize(images(), each(bits), range), keras.posterized);
  same(() => blur(images(), [7, 7], tf.tensor1d([0.6, 0.9])), keras.blurred);
  const additions = () => tf.mul(each(amounts), 40);
  const thresholds = () => tf.mul(each(amounts), 150);
  same(
    () => solarize(images(), { additions: additions(), thresholds: thresholds() }, [-10, 260]),
    keras.solarized,
  );
});

test("shears, perspectives and elastic noise that are given move pixels as Keras does", () => {
  const ends = () => {
    const starts = tf.tensor2d([0, 0, 21, 0, 0, 23, 21, 23], [4, 2]);
    const moved = tf.mul(starts, tf.add(tf.tensor2d(corners), 1));
    return tf.tile(tf.expandDims(moved, 0), [4, 1, 1]);
  };
  const constant = { fillMode: "constant", interpolation: "bilinear", fillValue: 3.5 } as const;
  const size = { height: 24, width: 22 };
  same(
    () => projectiveTransform(images(), perspectives(ends(), size), constant),
    keras.perspective,
    0.05,
  );
  for (const interpolation of interpolations) {
    for (const fillMode of fillModes) {
      const sampling = { fillMode, interpolation, fillValue: 3.5 };
      const about = interpolation + fillMode;
      const factors = () => tf.tensor(slants, [4, 2, 1]);
      same(
        () => projectiveTransform(images(), shears(factors()), sampling),
        keras.sheared[about],
        2e-3,
        about,
      );
      const strength = () => tf.tensor1d([0.95]);
      const given = () => ({ noise: tf.tensor4d(noise), strength: strength(), most: 1 });
      same(() => bend(images(), given(), sampling), keras.bent[about], 2e-2, `bent ${about}`);
    }
  }
});

test("images and labels are mixed by given weights and rectangles as Keras mixes them", () => {
  const labels = () => tf.eye(4);
  const others = () => tf.tensor1d(order, "int32");
  const sides = () => {
    const [left, right, top, bottom] = [0, 1, 2, 3].map((i) => each(boxes.map((box) => box[i]!)));
    return { left: left!, right: right!, top: top!, bottom: bottom! };
  };
  same(
    () => tf.where(withinBoxes(images(), sides()), tf.gather(images(), others()), images()),
    keras.cut,
  );
  const own = () => tf.reshape(tf.sub(1, areas(images(), sides())), [4, 1]);
  same(() => blend(labels(), others(), own()), keras.cutLabels, 1e-5);
  same(() => blend(images(), others(), each(amounts)), keras.mixed);
  same(() => blend(labels(), others(), tf.tensor(amounts, [4, 1])), keras.mixedLabels, 1e-5);
});

test("mix() mixes images and labels alike, and does nothing at inference", () => {
  for (const layer of [
    layers.mixUp({ alpha: 1, seed: 3 }),
    layers.cutMix({ factor: [1, 1], seed: 3 }),
  ]) {
    leavesNoTensors(() =>
      tf.tidy(() => {
        // Each image is its own label all over.
        const labels = tf.eye(8);
        const pictures = tf.tile(tf.reshape(labels, [8, 1, 1, 8]), [1, 32, 32, 1]);
        const mixed = layer.mix({ images: pictures, labels }, training);
        const shares = tf.mean(mixed.images, [1, 2]);
        assert.ok(
          largestDifference(tf.sub(shares, mixed.labels!), tf.zeros([8, 8]).arraySync()) < 0.08,
        );
        assert.ok(largestDifference(mixed.labels!, labels.arraySync()) > 0.05);
        const rest = layer.mix({ images: pictures, labels });
        assert.equal(largestDifference(rest.images, pictures.arraySync()), 0);
        assert.equal(largestDifference(rest.labels!, labels.arraySync()), 0);
      }),
    );
  }
});

test("a probability of two numbers is drawn between them, and shares of MixUp are spread as Keras' are", () => {
  tf.tidy(() => {
    const many = tf.zeros([4000, 1, 1, 1]);
    const inverted = layers.randomInvert({ factor: [0.2, 0.4], seed: 2 }).apply(many, training);
    const share = tf.mean(inverted as Tensor).arraySync() as number;
    assert.ok(Math.abs(share / 255 - 0.3) < 0.03, `${share}`);
    for (const [i, alpha] of [0.2, 1].entries()) {
      const { labels } = layers.mixUp({ alpha, seed: 4 }).mix(
        {
          images: tf.zeros([20_000, 1, 1, 1]),
          labels: tf.tile(tf.tensor2d([[1], [0]]), [10_000, 1]),
        },
        training,
      );
      // Half of the rows meet a row of the other label, and are left with its share.
      const values = (labels!.dataSync() as Float32Array).filter((value) => value > 0 && value < 1);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      const deviation = Math.sqrt(squares / values.length);
      assert.ok(
        Math.abs(deviation - (keras.beta as number[])[i]!) < 0.02,
        `${alpha}: ${deviation}`,
      );
    }
  });
});

test("images with their channels first are changed as those with channels last", () => {
  const pairs: [string, object][] = [
    ["randomFlip", { mode: "horizontal" }],
    ["randomRotation", { factor: 0.2 }],
    ["randomShear", { xFactor: 0.3 }],
    ["randomHue", { factor: 0.4 }],
    ["randomErasing", { fillValue: 3 }],
    ["cutMix", {}],
    ["resizing", { height: 5, width: 7 }],
    ["centerCrop", { height: 5, width: 7 }],
  ];
  for (const [name, options] of pairs) {
    leavesNoTensors(() =>
      tf.tidy(() => {
        const seeded =
          name === "resizing" || name === "centerCrop" ? options : { ...options, seed: 5 };
        const last = make[name]!(seeded).apply(images(), training);
        const layer = make[name]!({ ...seeded, dataFormat: "channelsFirst" });
        const first = layer.apply(tf.transpose(images(), [0, 3, 1, 2]), training);
        assert.equal(largestDifference(tf.transpose(first, [0, 2, 3, 1]), last.arraySync()), 0);
      }),
    );
  }
});
