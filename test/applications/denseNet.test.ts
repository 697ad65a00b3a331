/** DenseNet121, 169 and 201 beside Keras'. */
import { testBesideKeras } from "./families";

const square = { includeTop: false, inputShape: [64, 64, 3] };

testBesideKeras([
  { network: "denseNet121", options: { includeTop: false }, kind: "weights" },
  { network: "denseNet121", options: { inputShape: [75, 101, 3], classes: 10 }, kind: "weights" },
  { network: "denseNet121", options: { ...square, pooling: "max" }, kind: "structure" },
  { network: "denseNet121", options: { ...square, pooling: "avg" }, kind: "training" },
  { network: "denseNet169", options: {}, kind: "structure" },
  { network: "denseNet201", options: square, kind: "structure", isLarge: true },
]);
