import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { layers, tf } from "../../lib/index";
import {
  type FillMode,
  type Interpolation,
  projectiveTransform,
} from "../../lib/layers/projectiveTransform";
import { brighten, contrast } from "../../lib/layers/randomColor";
import { cropAt } from "../../lib/layers/randomCrop";
import { type FlipMode, flipWhere } from "../../lib/layers/randomFlip";
import { rotations } from "../../lib/layers/randomRotation";
import { translations } from "../../lib/layers/randomTranslation";
import { zooms } from "../../lib/layers/randomZoom";
import { runPython } from "../support/python";
import { largestDifference, leavesNoTensors, patternedImages } from "../support/tensors";

const fillModes: FillMode[] = ["reflect", "constant", "wrap", "nearest"];
const interpolations: Interpolation[] = ["bilinear", "nearest"];
const degrees = [-36, 17.25, 90, 200];
const heightZooms = [0.8, 1.2, 1.57, 0.3];
const widthZooms = [1.1, 0.7, 1, 1.9];
const shifts = [
  [1.25, -2],
  [0, 3.5],
  [-7, 0.25],
  [2, 9],
];
const changes = [-40, 12.5, 200, 0];
const contrasts = [0.5, 1.7, 1, 3];
const largeSizes: [number, number][] = [
  [10, 3],
  [4, 9],
  [7, 3],
  [8, 12],
];
const flips = [true, false, false, true];
const pixels = patternedImages([4, 7, 5, 2]);

// Keras applies its own layers to fixed transforms instead of random ones.
const program = `
import json, sys
import numpy as np, tensorflow as tf, keras
given = json.loads(sys.argv[1])
images = np.array(given["pixels"], "float32")
column = lambda name: np.array(given[name], "float32").reshape(-1, 1)
n, height, width, _ = images.shape
zeros, ones = np.zeros(n, "float32"), np.ones(n, "float32")
out = {}
def gradient(f):
    x = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(f(x) * tf.cos(x))
    return tape.gradient(y, x).numpy().tolist()
for fill in given["fillModes"]:
    for interpolation in given["interpolations"]:
        options = dict(fill_mode=fill, interpolation=interpolation, fill_value=3.5)
        rotation = keras.layers.RandomRotation(0.1, **options)
        matrix = rotation._compute_affine_matrix(
            center_x=0.5, center_y=0.5, angle=tf.constant(np.array(given["degrees"], "float32")),
            translate_x=zeros, translate_y=zeros, scale=ones, shear_x=zeros, shear_y=zeros,
            height=height, width=width)
        rotate = lambda x: rotation.transform_images(x, {"rotation_matrix": matrix})
        zoom = keras.layers.RandomZoom(0.2, 0.2, **options)
        shift = keras.layers.RandomTranslation(0.2, 0.2, **options)
        moves = {"translations": np.array(given["shifts"], "float32")}
        apart = {"height_zoom": column("heightZooms"), "width_zoom": column("widthZooms")}
        together = {"height_zoom": column("heightZooms"), "width_zoom": column("heightZooms")}
        out[fill + interpolation] = {
            "rotated": np.array(rotate(images)).tolist(),
            "rotatedGradient": gradient(rotate),
            "zoomed": np.array(zoom.transform_images(images, apart)).tolist(),
            "shifted": np.array(shift.transform_images(images, moves)).tolist(),
            "zoomedTogether": np.array(zoom.transform_images(images, together)).tolist(),
        }
out["flipped"] = {mode: np.array(keras.layers.RandomFlip(mode).transform_images(
    images, {"flips": np.array(given["flips"]).reshape(-1, 1, 1, 1)})).tolist()
    for mode in ("horizontal", "vertical", "horizontal_and_vertical")}
spread = lambda name: np.array(given[name], "float32").reshape(-1, 1, 1, 1)
out["brightened"] = np.array(keras.layers.RandomBrightness(0.1).transform_images(
    tf.constant(images), {"rgb_delta": spread("changes")})).tolist()
out["contrasted"] = np.array(keras.layers.RandomContrast(0.1, value_range=(10, 240)).transform_images(
    images, {"contrast_factor": spread("contrasts")})).tolist()
crop = keras.layers.RandomCrop(4, 3)
out["cropped"] = np.array(crop.transform_images(images, (2, 1))).tolist()
x = tf.constant(images)
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.reduce_sum(tf.square(crop.transform_images(x, (2, 1))))
out["cropGradient"] = tape.gradient(y, x).numpy().tolist()
out["cropOfSmall"] = [np.array(keras.layers.RandomCrop(h, w)(images, training=True)).tolist()
                      for h, w in given["largeSizes"]]
print(json.dumps(out))
`;

interface KerasImages {
  rotated: unknown;
  rotatedGradient: unknown;
  zoomed: unknown;
  zoomedTogether: unknown;
  shifted: unknown;
}
interface KerasResults {
  flipped: Record<string, unknown>;
  brightened: unknown;
  contrasted: unknown;
  cropped: unknown;
  cropGradient: unknown;
  cropOfSmall: unknown[];
}
let keras: Record<string, KerasImages> & KerasResults;
before(async () => {
  const given = {
    ...{ pixels, fillModes, interpolations, degrees, heightZooms, widthZooms },
    ...{ flips, shifts, changes, contrasts, largeSizes },
  };
  keras = JSON.parse(await runPython(program, [JSON.stringify(given)]));
});

const cases = fillModes.flatMap((fillMode) =>
  interpolations.map((interpolation) => ({ fillMode, interpolation, fillValue: 3.5 })),
);
const column = (values: number[]) => tf.tensor3d(values.map((value) => [[value]]));

test("rotation by given angles gives Keras' pixels, for every fill mode and interpolation", () => {
  for (const sampling of cases) {
    leavesNoTensors(() =>
      tf.tidy(() => {
        const images = tf.tensor4d(pixels);
        const angles = column(degrees.map((angle) => (angle * Math.PI) / 180));
        const rotated = projectiveTransform(images, rotations(angles, images), sampling);
        const { rotated: expected } = keras[sampling.fillMode + sampling.interpolation]!;
        assert.ok(largestDifference(rotated, expected) < 2e-3, JSON.stringify(sampling));
      }),
    );
  }
});

test("zoom by given factors gives Keras' pixels, with one factor and with two", () => {
  for (const sampling of cases) {
    leavesNoTensors(() =>
      tf.tidy(() => {
        const images = tf.tensor4d(pixels);
        const expected = keras[sampling.fillMode + sampling.interpolation]!;
        const both = tf.concat([column(widthZooms), column(heightZooms)], 1);
        const apart = projectiveTransform(images, zooms(both, images), sampling);
        assert.ok(largestDifference(apart, expected.zoomed) < 2e-3, JSON.stringify(sampling));
        const one = zooms(column(heightZooms), images);
        const together = projectiveTransform(images, one, sampling);
        assert.ok(largestDifference(together, expected.zoomedTogether) < 2e-3);
      }),
    );
  }
});

test("translation by given distances gives Keras' pixels", () => {
  for (const sampling of cases) {
    leavesNoTensors(() =>
      tf.tidy(() => {
        const distances = tf.tensor3d(shifts.map((shift) => shift.map((pixels) => [pixels])));
        const moved = projectiveTransform(tf.tensor4d(pixels), translations(distances), sampling);
        const { shifted } = keras[sampling.fillMode + sampling.interpolation]!;
        assert.ok(largestDifference(moved, shifted) < 1e-3, JSON.stringify(sampling));
      }),
    );
  }
});

test("brightness and contrast changed by given amounts give Keras' pixels", () => {
  leavesNoTensors(() =>
    tf.tidy(() => {
      const images = tf.tensor4d(pixels);
      const each = (values: number[]) => tf.reshape(tf.tensor1d(values), [4, 1, 1, 1]);
      const bright = brighten(images, each(changes), [0, 255]);
      assert.ok(largestDifference(bright, keras.brightened) < 1e-4);
      const contrasted = contrast(images, each(contrasts), [10, 240]);
      assert.ok(largestDifference(contrasted, keras.contrasted) < 1e-4);
    }),
  );
});

test("a crop at a given place is Keras', and so is its gradient", () => {
  leavesNoTensors(() =>
    tf.tidy(() => {
      const corner = tf.tensor1d([2, 1], "int32");
      const crop = (x: Tensor) => cropAt(x as Tensor4D, corner, { height: 4, width: 3 });
      const images = tf.tensor4d(pixels);
      assert.equal(largestDifference(crop(images), keras.cropped), 0);
      const gradient = tf.grad((x) => tf.sum(tf.square(crop(x))))(images);
      assert.ok(largestDifference(gradient, keras.cropGradient) < 1e-4);
    }),
  );
});

test("images too small to be cropped give what Keras gives while training", () => {
  leavesNoTensors(() =>
    tf.tidy(() => {
      for (const [i, [height, width]] of largeSizes.entries()) {
        const layer = layers.randomCrop({ height, width });
        const output = layer.apply(tf.tensor4d(pixels), { training: true }) as Tensor;
        assert.deepEqual(output.shape, [4, height, width, 2]);
        assert.ok(largestDifference(output, keras.cropOfSmall[i]) < 1e-4, `${height}x${width}`);
      }
    }),
  );
});

test("the gradient of a rotation is TensorFlow's", () => {
  for (const sampling of cases) {
    leavesNoTensors(() =>
      tf.tidy(() => {
        const angles = column(degrees.map((angle) => (angle * Math.PI) / 180));
        const gradient = tf.grad((images) => {
          const moved = projectiveTransform(
            images as Tensor4D,
            rotations(angles, images as Tensor4D),
            sampling,
          );
          return tf.sum(tf.mul(moved, tf.cos(images)));
        })(tf.tensor4d(pixels));
        const { rotatedGradient } = keras[sampling.fillMode + sampling.interpolation]!;
        assert.ok(largestDifference(gradient, rotatedGradient) < 5e-3, JSON.stringify(sampling));
      }),
    );
  }
});

test("flips of given images are Keras', in each mode", () => {
  const modes: [FlipMode, string][] = [
    ["horizontal", "horizontal"],
    ["vertical", "vertical"],
    ["horizontalAndVertical", "horizontal_and_vertical"],
  ];
  for (const [mode, kerasMode] of modes) {
    leavesNoTensors(() =>
      tf.tidy(() => {
        const condition = tf.tensor4d(
          flips.map((flip) => [[[flip]]]),
          undefined,
          "bool",
        );
        const flipped = flipWhere(tf.tensor4d(pixels), condition, mode);
        assert.equal(largestDifference(flipped, keras.flipped[kerasMode]), 0, mode);
      }),
    );
  }
});

test("the gradient of a flip is the flipped gradient", () => {
  leavesNoTensors(() =>
    tf.tidy(() => {
      const condition = tf.tensor4d(
        flips.map((flip) => [[[flip]]]),
        undefined,
        "bool",
      );
      const weight = tf.tensor4d(pixels);
      const gradient = tf.grad((x) =>
        tf.sum(tf.mul(flipWhere(x as Tensor4D, condition, "horizontal"), weight)),
      )(tf.zerosLike(weight));
      assert.equal(largestDifference(gradient, keras.flipped.horizontal), 0);
    }),
  );
});
