/** MobileNet and MobileNetV3 beside Keras'. */
import { testBesideKeras } from "./families";

const square = { includeTop: false, inputShape: [64, 64, 3] };

testBesideKeras([
  { network: "mobileNet", options: { ...square, alpha: 0.5 }, kind: "weights" },
  { network: "mobileNet", options: { inputShape: [65, 97, 3], classes: 7 }, kind: "weights" },
  { network: "mobileNet", options: { includeTop: false, pooling: "max" }, kind: "structure" },
  {
    network: "mobileNet",
    options: { depthMultiplier: 2, dropout: 0.5, inputShape: [160, 160, 3] },
    kind: "structure",
  },
  { network: "mobileNet", options: { ...square, pooling: "avg" }, kind: "training" },
  { network: "mobileNetV3Small", options: square, kind: "weights" },
  {
    network: "mobileNetV3Small",
    options: { inputShape: [75, 101, 3], classes: 7, classifierActivation: null },
    kind: "weights",
  },
  { network: "mobileNetV3Small", options: {}, kind: "structure" },
  {
    network: "mobileNetV3Small",
    options: { alpha: 1.5, dropoutRate: 0, includePreprocessing: false, name: "small" },
    kind: "structure",
  },
  { network: "mobileNetV3Small", options: { ...square, pooling: "avg" }, kind: "training" },
  {
    network: "mobileNetV3Large",
    options: { ...square, alpha: 0.75, pooling: "max" },
    kind: "weights",
  },
  { network: "mobileNetV3Large", options: { minimalistic: true }, kind: "weights" },
  { network: "mobileNetV3Large", options: {}, kind: "structure" },
  { network: "mobileNetV3Large", options: { ...square, pooling: "avg" }, kind: "training" },
]);
