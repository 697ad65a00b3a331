/** Activations and initializers in Keras' spelling, for layers that are made from JavaScript. */
import * as tf from "./tfjs";

/** Keras' names of what tfjs computes alike; its `hard_sigmoid` is another one. */
const activations: Readonly<Record<string, string>> = { log_softmax: "logSoftmax", silu: "swish" };

const initializers = [
  ...["Constant", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "Identity"],
  ...["LeCunNormal", "LeCunUniform", "Orthogonal", "RandomNormal", "RandomUniform"],
  ...["TruncatedNormal", "VarianceScaling"],
];

/** Lets layers take these names; what is asked of a layer later has tfjs'. */
export function spellAsKeras(): void {
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  for (const [spelling, name] of Object.entries(activations)) {
    classNameMap[spelling] = classNameMap[name]!;
  }
  for (const name of initializers) {
    const spelling = name
      .replace("LeCun", "Lecun")
      .replace(/(?<!^)[A-Z]/g, "_$&")
      .toLowerCase();
    classNameMap[spelling] = classNameMap[name]!;
  }
}
