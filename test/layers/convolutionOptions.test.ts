/** Convolutions and layers of sequences and volumes made here: what Keras can't compute, and what is refused. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Tensor, Tensor4D, Tensor5D } from "@tensorflow/tfjs-node-gpu";
import { fit, layers, setSeed, tf } from "../../lib/index";
import { leavesNoTensors } from "../support/tensors";

const difference = (a: Tensor, b: Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;

/** Frees the weights of a layer that no model has called. */
const forget = (layer: tf.layers.Layer) =>
  tf.dispose(layer.weights.map((weight) => weight.read() as Tensor));

describe("a transposed convolution", () => {
  // Keras has no kernel for these on a processor: what it is the gradient of tells.
  it("with gaps is the gradient of the convolution with gaps", () => {
    leavesNoTensors(() => {
      tf.tidy(() => {
        const dilationRate = [2, 3];
        const options = { filters: 3, kernelSize: [3, 2], dilationRate, useBias: false };
        const layer = layers.conv2dTranspose({ ...options, activation: "linear" });
        const x = tf.randomNormal([2, 5, 4, 2]);
        const output = layer.apply(x) as Tensor4D;
        assert.deepEqual(output.shape, [2, 9, 7, 3]);
        assert.deepEqual(layer.computeOutputShape(x.shape), output.shape);
        const kernel = layer.weights[0]!.read() as Tensor4D;
        const convolve = (y: Tensor) =>
          tf.sum(
            tf.mul(tf.conv2d(y as Tensor4D, kernel, 1, "valid", "NHWC", dilationRate as never), x),
          );
        const expected = tf.grad(convolve)(tf.zerosLike(output));
        assert.ok(difference(output, expected) < 1e-5);
        layer.dispose();
      });
    });
  });

  it("with gaps and padding is that of volumes, too", () => {
    leavesNoTensors(() => {
      tf.tidy(() => {
        const layer = layers.conv3dTranspose({
          ...{ filters: 2, kernelSize: 3, dilationRate: [1, 2, 1], padding: "same" },
          useBias: false,
        });
        const x = tf.randomNormal([2, 3, 5, 4, 2]);
        const output = layer.apply(x) as Tensor5D;
        const kernel = layer.weights[0]!.read() as Tensor5D;
        const convolve = (y: Tensor) =>
          tf.sum(
            tf.mul(tf.conv3d(y as Tensor5D, kernel, 1, "same", "NDHWC", [1, 2, 1] as never), x),
          );
        const expected = tf.grad(convolve)(tf.zerosLike(output));
        assert.ok(difference(output, expected) < 1e-5);
        layer.dispose();
      });
    });
  });

  it("with channels first is that with channels last", () => {
    leavesNoTensors(() => {
      tf.tidy(() => {
        const options = { filters: 3, kernelSize: 3, strides: 2, outputPadding: 1 } as const;
        const last = layers.conv1dTranspose(options);
        const first = layers.conv1dTranspose({ ...options, dataFormat: "channelsFirst" });
        const x = tf.randomNormal([2, 6, 2]);
        const expected = last.apply(x) as Tensor;
        const turned = tf.transpose(x, [0, 2, 1]);
        first.build(turned.shape);
        first.setWeights(last.getWeights());
        const output = first.apply(turned) as Tensor;
        assert.deepEqual(first.computeOutputShape(turned.shape), [2, 3, 14]);
        assert.ok(difference(output, tf.transpose(expected, [0, 2, 1])) < 1e-6);
        for (const layer of [last, first]) forget(layer);
      });
    });
  });

  it("with gaps trains alike, compiled and eagerly", async () => {
    const before = tf.memory().numTensors;
    const losses: number[][] = [];
    for (const engine of ["eager", "graph"] as const) {
      setSeed(3);
      const model = tf.sequential({
        layers: [
          layers.conv1dTranspose({
            ...{ filters: 2, kernelSize: 3, dilationRate: 2, inputShape: [5, 1] },
          }),
          layers.conv1dTranspose({
            filters: 1,
            kernelSize: 2,
            dilationRate: 3,
            activation: "tanh",
          }),
        ],
      });
      model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
      const [x, y] = [tf.ones([8, 5, 1]), tf.zeros([8, 12, 1])];
      const { history } = await fit(model, [x, y], { epochs: 3, engine, verbose: 0 });
      losses.push(history.loss!);
      tf.dispose([x, y]);
      model.dispose();
    }
    const [eager, graph] = losses as [number[], number[]];
    assert.ok(eager[2]! < eager[0]!);
    for (const [i, loss] of eager.entries()) assert.ok(Math.abs(loss - graph[i]!) < 1e-6);
    assert.equal(tf.memory().numTensors, before);
  });
});

it("filters begin as Keras', uniformly within what their sizes say", () => {
  const made = [
    [layers.conv1d({ filters: 8, kernelSize: 4 }), [9, 8], 12 / (4 * 16)],
    [layers.conv1dTranspose({ filters: 8, kernelSize: 4 }), [9, 8], 12 / (4 * 16)],
    [layers.depthwiseConv1d({ kernelSize: 4, depthMultiplier: 64 }), [9, 2], 12 / (4 * 66)],
  ] as const;
  leavesNoTensors(() => {
    for (const [layer, sizes, square] of made) {
      layer.build([null, ...sizes]);
      const values = Array.from(layer.weights[0]!.read().dataSync());
      const most = Math.max(...values.map(Math.abs));
      const limit = Math.sqrt(square / 2);
      assert.ok(most <= limit && most > 0.8 * limit, `${layer.name}: ${most} of ${limit}`);
      forget(layer);
    }
  });
});

it("the second filters of a separable convolution begin as they are told to", () => {
  leavesNoTensors(() => {
    const options = { filters: 2, kernelSize: 2, pointwiseInitializer: "ones" } as const;
    for (const make of [layers.separableConv1d, layers.separableConv2d]) {
      const layer = make(options);
      layer.build(make === layers.separableConv1d ? [null, 5, 3] : [null, 5, 5, 3]);
      const [, pointwise] = layer.getWeights();
      assert.deepEqual(new Set(pointwise!.dataSync()), new Set([1]));
      forget(layer);
    }
  });
});

it("a convolution of tfjs' own is causal, too", () => {
  leavesNoTensors(() => {
    tf.tidy(() => {
      const layer = tf.layers.conv1d({
        ...{ filters: 1, kernelSize: 3, padding: "causal", strides: 2 },
        ...{ kernelInitializer: "ones" },
      });
      const output = layer.apply(tf.tensor([[[1], [2], [3], [4], [5], [6]]])) as Tensor;
      assert.deepEqual(Array.from(output.dataSync()), [1, 6, 12]);
      assert.deepEqual(layer.computeOutputShape([null, 6, 1]), [null, 3, 1]);
      layer.dispose();
    });
  });
});

describe("an option that no layer has is refused in one sentence:", () => {
  const bad = <Options>(options: object) => options as Options;
  const conv = { filters: 2, kernelSize: 3 };
  const refused: [string, () => unknown, RegExp][] = [
    [
      "zeros",
      () => layers.zeroPadding1d(bad({ padding: [1, 2, 3] })),
      /`padding` must be a whole number of at least 0, or \[before, behind\]\. .*\[1,2,3\]/,
    ],
    [
      "zeros around volumes",
      () => layers.zeroPadding3d(bad({ padding: [1, 2] })),
      /`padding` must be a whole number of at least 0, or a list of three, each such a number or \[before, behind\]/,
    ],
    ["less than none", () => layers.cropping1d({ cropping: -1 }), /`cropping` .* Received: .*-1/],
    ["half", () => layers.cropping3d(bad({ cropping: [1, 1, [0.5, 1]] })), /`cropping` must be/],
    ["nothing", () => layers.upSampling1d({ size: 0 }), /`size` must be a positive whole number/],
    ["sizes", () => layers.upSampling3d(bad({ size: [2, 2] })), /or a list of three\. .*\[2,2\]/],
    [
      "interpolation",
      () => layers.upSampling2d(bad({ interpolation: "area" })),
      /`interpolation` must be one of "nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"/,
    ],
    ["filters", () => layers.conv1dTranspose({ ...conv, filters: 0 }), /`filters` must be a pos/],
    [
      "window",
      () => layers.conv2d(bad({ filters: 2 })),
      /`kernelSize` must be .*kernelSize=undefined/,
    ],
    ["windows", () => layers.separableConv2d({ ...conv, kernelSize: [1] }), /a list of two/],
    [
      "strides and gaps",
      () => layers.conv2dTranspose({ ...conv, strides: 2, dilationRate: 2 }),
      /`dilationRate` must be 1 where strides are more, which are \[2,2\]\. Received: .*\[2,2\]/,
    ],
    [
      "strides and gaps at once",
      () => layers.conv1d({ ...conv, strides: 2, dilationRate: 2 }),
      /1 where/,
    ],
    [
      "size",
      () => layers.conv1dTranspose({ ...conv, strides: 2, outputPadding: 2 }),
      /`outputPadding` must be less than the strides, which are \[2\]\. Received: outputPadding=2/,
    ],
    [
      "gaps without end",
      () =>
        layers
          .conv2dTranspose({ ...conv, dilationRate: 1e6, padding: "same" })
          .apply(tf.input({ shape: [4, 4, 1] })),
      /`dilationRate` must be so small that filters .*\[1000000,1000000\]/,
    ],
    [
      "even windows",
      () =>
        layers.conv2dTranspose({
          ...conv,
          kernelSize: 4,
          strides: 2,
          padding: "same",
          outputPadding: 0,
        }),
      /`outputPadding` must be at least 1 for padding "same" .* an even number\. Received: .*0/,
    ],
    ["padding", () => layers.conv3d(bad({ ...conv, padding: "causal" })), /`padding` must be one/],
    [
      "strides",
      () => layers.separableConv2d({ ...conv, strides: [1, 2] }),
      /`strides` must be the same for rows and columns/,
    ],
    [
      "multiples",
      () => layers.depthwiseConv1d({ kernelSize: 2, depthMultiplier: 0 }),
      /`depthMultiplier` must be a positive/,
    ],
    [
      "format",
      () => layers.spatialDropout3d(bad({ rate: 0.5, dataFormat: "last" })),
      /`dataFormat` must be one of/,
    ],
    ["name", () => layers.upSampling1d(bad({ factor: 2 })), /UpSampling1D has no option `factor`/],
    [
      "all",
      () => layers.cropping1d({ cropping: [2, 1] }).apply(tf.input({ shape: [3, 2] })),
      /`cropping` must be less than the input has, \[any, 3, 2\]\. Received: cropping=\[2,1\]/,
    ],
  ];
  for (const [name, make, message] of refused) {
    it(name, () => leavesNoTensors(() => assert.throws(make, message)));
  }
});
