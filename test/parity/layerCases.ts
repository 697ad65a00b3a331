/** Cases about layers: each layer with its options, alone before a dense head. */
import { after, conv, conv1, conv3, dense, image, steps, unbiased, withOptions } from "./alone";
import { type Case, layer } from "./description";

const activations = [
  "linear",
  "relu",
  "elu",
  "selu",
  "tanh",
  "sigmoid",
  "softplus",
  "softsign",
  "swish",
  "gelu",
  "mish",
  "relu6",
  "softmax",
  "logSoftmax",
  "hardSigmoid",
];

const denseCases: Case[] = [
  ...withOptions(
    "Dense",
    [5],
    { units: 4 },
    activations.map((activation) => ({ activation })),
  ),
  ...withOptions("Dense", [4, 3], { units: 4 }, [{ useBias: false }, { activation: "softmax" }]),
];

const convolutions: Case[] = [
  ...withOptions("Conv1D", steps, { filters: 4, kernelSize: 3 }, [
    {},
    { padding: "same", activation: "relu" },
    { strides: 2 },
    { strides: 2, padding: "same", useBias: false },
  ]),
  ...withOptions("Conv2D", image, { filters: 4, kernelSize: 3 }, [
    {},
    { padding: "same" },
    { strides: 2 },
    { strides: 2, padding: "same" },
    { strides: [1, 2], padding: "same" },
    { strides: [3, 2] },
    { kernelSize: [1, 3], activation: "elu" },
    { kernelSize: [4, 2], padding: "same", useBias: false },
    { kernelSize: 1, strides: 2, padding: "same" },
    { filters: 16, activation: "relu" },
  ]),
  ...withOptions("DepthwiseConv2D", image, { kernelSize: 3 }, [
    {},
    { padding: "same", depthMultiplier: 2 },
    { strides: 2, activation: "tanh" },
    { strides: 2, padding: "same", useBias: false },
  ]),
  ...withOptions("SeparableConv2D", image, { filters: 3, kernelSize: 3 }, [
    {},
    { padding: "same", depthMultiplier: 2, activation: "relu" },
    { strides: 2 },
    { strides: 2, padding: "same", useBias: false },
  ]),
  ...withOptions("Conv2DTranspose", [4, 3, 2], { filters: 3, kernelSize: 3 }, [
    {},
    { padding: "same" },
    { strides: 2 },
    { strides: 2, padding: "same" },
    { kernelSize: 2, strides: 3, useBias: false },
    { strides: [1, 2], padding: "same", activation: "relu" },
  ]),
  ...withOptions("Conv3D", [4, 4, 3, 2], { filters: 2, kernelSize: 2 }, [
    {},
    { dilationRate: 2 },
    { dilationRate: [3, 1, 2], padding: "same", activation: "relu" },
    { padding: "same", strides: 2, activation: "relu" },
  ]),
];

const pooling: Case[] = ["Max", "Average"].flatMap((way) => [
  ...after(
    `${way}Pooling1D`,
    steps,
    [{ poolSize: 2 }, { poolSize: 3, strides: 1, padding: "same" }],
    conv1,
  ),
  ...after(
    `${way}Pooling2D`,
    image,
    [
      { poolSize: 2 },
      { poolSize: 3, strides: 2, padding: "same" },
      { poolSize: [3, 2], strides: [1, 3] },
      { poolSize: 2, strides: 3, padding: "same" },
    ],
    conv,
  ),
  ...after(
    `${way}Pooling3D`,
    [4, 4, 3, 2],
    [{ poolSize: 2 }, { poolSize: 2, strides: 1, padding: "same" }],
    conv3,
  ),
  ...after(`Global${way}Pooling1D`, steps, [{}], conv1),
  ...after(`Global${way}Pooling2D`, image, [{}], conv),
]);

const normalizations: Case[] = [
  ...after(
    "BatchNormalization",
    image,
    [{}, { momentum: 0.5, epsilon: 0.1 }, { trainable: false }],
    unbiased,
  ),
  ...after("BatchNormalization", [5], [{}], () => layer("Dense", { units: 4, useBias: false })),
  ...after("LayerNormalization", image, [{}, { epsilon: 0.1 }, { axis: [1, 2, 3] }], conv),
  ...after("LayerNormalization", [5], [{}], dense),
];

const shapes: Case[] = [
  ...after("Reshape", image, [{ targetShape: [21, 6] }], conv),
  ...after("Permute", image, [{ dims: [3, 1, 2] }, { dims: [2, 1, 3] }], conv),
  ...after("RepeatVector", [5], [{ n: 3 }], dense),
  ...after(
    "ZeroPadding2D",
    image,
    [
      { padding: 1 },
      {
        padding: [
          [0, 2],
          [1, 0],
        ],
      },
    ],
    conv,
  ),
  ...after(
    "Cropping2D",
    image,
    [
      { cropping: 1 },
      {
        cropping: [
          [0, 2],
          [1, 0],
        ],
      },
    ],
    conv,
  ),
  ...after("UpSampling2D", [3, 3, 2], [{ size: [2, 2] }, { size: [2, 3] }], conv),
  ...after(
    "UpSampling2D",
    [4, 3, 2],
    [
      { size: [2, 2], interpolation: "bilinear" },
      { size: [3, 1], interpolation: "bilinear" },
    ],
    conv,
  ),
  ...after("Activation", image, [{ activation: "relu" }, { activation: "tanh" }], conv),
  ...after("ReLU", image, [{}, { maxValue: 0.2 }], conv),
  ...after("LeakyReLU", image, [{ alpha: 0.1 }, { alpha: 0.3 }], conv),
  ...after("PReLU", image, [{}, { sharedAxes: [1, 2] }], conv),
  ...after("ELU", image, [{}], conv),
  ...after("Softmax", image, [{ axis: -1 }], conv),
  ...["Dropout", "GaussianDropout", "AlphaDropout", "SpatialDropout2D"].flatMap((kind) =>
    after(kind, image, [{ rate: 0 }], conv),
  ),
  ...after("GaussianNoise", image, [{ stddev: 0 }], conv),
  ...after("Rescaling", image, [{ scale: 0.5, offset: 1 }, { scale: 3 }], conv),
  ...after(
    "Resizing",
    image,
    [
      { height: 4, width: 9 },
      { height: 4, width: 3, interpolation: "nearest" },
    ],
    conv,
  ),
  ...after("CenterCrop", image, [{ height: 4, width: 3 }], conv),
  ...after("Normalization", [5], [{ mean: 0.5, variance: 2 }], dense),
];

export const layerCases: Case[] = [
  ...denseCases,
  ...convolutions,
  ...pooling,
  ...normalizations,
  ...shapes,
];
