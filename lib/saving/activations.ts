/** Activations that Keras 3 has and tfjs lacks, or that tfjs computes by Keras 2's formula. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { registerClass, tf } from "../tfjs";

/** tfjs looks an activation up by class name, makes it, and calls `apply`. */
const formulas: Record<string, (x: Tensor) => Tensor> = {
  // Keras 3: relu6(x + 3) / 6; tfjs has Keras 2's clip(0.2 x + 0.5).
  kerasHardSigmoid: (x) => hardSigmoid(x),
  kerasHardSilu: (x) => tf.mul(x, hardSigmoid(x)),
  kerasLeakyRelu: (x) => tf.leakyRelu(x, 0.2),
  kerasExponential: (x) => tf.exp(x),
};

function hardSigmoid(x: Tensor): Tensor {
  return tf.div(tf.relu6(tf.add(x, 3)), 6);
}

let registered = false;

/** Registers them with tfjs, once. */
export function registerActivations(): void {
  if (registered) return;
  registered = true;
  for (const [name, formula] of Object.entries(formulas)) {
    registerClass(
      class extends tf.serialization.Serializable {
        static className = name;

        apply(x: Tensor): Tensor {
          return tf.tidy(() => formula(x));
        }

        override getConfig() {
          return {};
        }
      },
    );
  }
}
