/** EfficientNet and EfficientNetV2 beside Keras'. */
import { testBesideKeras } from "./families";

const square = { includeTop: false, inputShape: [64, 64, 3] };
const structure = "structure";

testBesideKeras([
  { network: "efficientNetB0", options: square, kind: "weights" },
  {
    network: "efficientNetB0",
    options: { inputShape: [75, 101, 3], classes: 7, classifierActivation: null },
    kind: "weights",
  },
  { network: "efficientNetB0", options: { includeTop: false, pooling: "max" }, kind: structure },
  { network: "efficientNetB0", options: { ...square, pooling: "avg" }, kind: "training" },
  { network: "efficientNetB1", options: {}, kind: structure, isLarge: true },
  { network: "efficientNetB2", options: square, kind: structure },
  { network: "efficientNetB3", options: square, kind: structure, isLarge: true },
  { network: "efficientNetB4", options: square, kind: structure, isLarge: true },
  { network: "efficientNetB5", options: square, kind: structure },
  { network: "efficientNetB6", options: square, kind: structure, isLarge: true },
  { network: "efficientNetB7", options: square, kind: structure, isLarge: true },
  { network: "efficientNetV2B0", options: square, kind: "weights" },
  {
    network: "efficientNetV2B0",
    options: { inputShape: [75, 101, 3], classes: 7 },
    kind: "weights",
  },
  { network: "efficientNetV2B0", options: { includeTop: false, pooling: "max" }, kind: structure },
  {
    network: "efficientNetV2B0",
    options: { inputShape: [64, 64, 1], includePreprocessing: false },
    kind: structure,
  },
  { network: "efficientNetV2B0", options: { ...square, inputShape: [64, 64, 4] }, kind: structure },
  { network: "efficientNetV2B0", options: { ...square, pooling: "avg" }, kind: "training" },
  { network: "efficientNetV2B1", options: square, kind: structure },
  { network: "efficientNetV2B2", options: {}, kind: structure, isLarge: true },
  { network: "efficientNetV2B3", options: square, kind: structure, isLarge: true },
]);
