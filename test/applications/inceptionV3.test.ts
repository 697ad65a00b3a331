/** InceptionV3 beside Keras'. */
import { testBesideKeras } from "./families";

const small = { includeTop: false, inputShape: [75, 75, 3] };

testBesideKeras([
  { network: "inceptionV3", options: { includeTop: false }, kind: "weights" },
  { network: "inceptionV3", options: { inputShape: [96, 101, 3], classes: 10 }, kind: "weights" },
  { network: "inceptionV3", options: { ...small, pooling: "max" }, kind: "structure" },
  { network: "inceptionV3", options: { ...small, pooling: "avg" }, kind: "training" },
  { network: "inceptionV3", options: {}, kind: "structure" },
]);
