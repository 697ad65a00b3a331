/** ConvNeXt beside Keras'. */
import { testBesideKeras } from "./families";

const square = { includeTop: false, inputShape: [64, 64, 3] };
const structure = "structure";

testBesideKeras([
  { network: "convNeXtTiny", options: square, kind: "weights" },
  {
    network: "convNeXtTiny",
    options: { inputShape: [75, 101, 3], classes: 7, name: "mine", classifierActivation: null },
    kind: "weights",
  },
  { network: "convNeXtTiny", options: { includeTop: false, pooling: "max" }, kind: structure },
  { network: "convNeXtTiny", options: { inputShape: [64, 64, 4] }, kind: structure },
  {
    network: "convNeXtTiny",
    options: { ...square, includePreprocessing: false },
    kind: structure,
  },
  { network: "convNeXtTiny", options: { ...square, pooling: "avg" }, kind: "training" },
  { network: "convNeXtSmall", options: square, kind: structure },
  { network: "convNeXtBase", options: square, kind: structure, isLarge: true },
]);
