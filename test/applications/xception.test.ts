/** Xception beside Keras'. */
import { testBesideKeras } from "./families";

const small = { includeTop: false, inputShape: [71, 71, 3] };

testBesideKeras([
  { network: "xception", options: { includeTop: false }, kind: "weights" },
  { network: "xception", options: { inputShape: [96, 101, 3], classes: 10 }, kind: "weights" },
  { network: "xception", options: { ...small, pooling: "max" }, kind: "structure" },
  { network: "xception", options: { ...small, pooling: "avg" }, kind: "training" },
  { network: "xception", options: {}, kind: "structure" },
]);
