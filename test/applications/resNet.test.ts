/** ResNet50, 101, 152 and their second version beside Keras'. */
import { testBesideKeras } from "./families";

const square = { includeTop: false, inputShape: [64, 64, 3] };

const logits = { classes: 10, classifierActivation: null };

testBesideKeras([
  { network: "resNet50", options: square, kind: "weights" },
  { network: "resNet50", options: { inputShape: [64, 64, 3], ...logits }, kind: "weights" },
  { network: "resNet50", options: { includeTop: false, pooling: "max" }, kind: "structure" },
  { network: "resNet50", options: { ...square, pooling: "avg" }, kind: "training" },
  { network: "resNet50", options: {}, kind: "structure" },
  { network: "resNet50V2", options: { includeTop: false }, kind: "weights" },
  { network: "resNet50V2", options: { inputShape: [75, 101, 3], ...logits }, kind: "weights" },
  { network: "resNet50V2", options: { ...square, pooling: "avg" }, kind: "training" },
  { network: "resNet101", options: square, kind: "structure" },
  { network: "resNet152", options: {}, kind: "structure", isLarge: true },
  { network: "resNet101V2", options: {}, kind: "structure", isLarge: true },
  {
    network: "resNet152V2",
    options: { ...square, pooling: "max" },
    kind: "structure",
    isLarge: true,
  },
]);
