/** Activations that Keras 3 has and tfjs lacks, or that tfjs computes by Keras 2's formula. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { formulas } from "../layers";
import { type Layer, registerClass, tf, trustFunction } from "../tfjs";

/** tfjs looks an activation up by class name, makes it, and calls `apply`. */
const activations: Record<string, (x: Tensor) => Tensor> = {
  kerasCelu: (x) => formulas.celu(x, 1),
  kerasGlu: (x) => formulas.glu(x, -1),
  kerasHardShrink: (x) => formulas.hardShrink(x, 0.5),
  kerasHardSigmoid: formulas.hardSigmoid,
  kerasHardSilu: formulas.hardSilu,
  kerasHardTanh: formulas.hardTanh,
  kerasLeakyRelu: (x) => tf.leakyRelu(x, 0.2),
  kerasLogSigmoid: formulas.logSigmoid,
  kerasSoftShrink: (x) => formulas.softShrink(x, 0.5),
  kerasSparsePlus: formulas.sparsePlus,
  kerasSparseSigmoid: formulas.sparseSigmoid,
  kerasSparsemax: formulas.sparsemax,
  kerasSquareplus: (x) => formulas.squareplus(x, 4),
  kerasTanhShrink: formulas.tanhShrink,
  kerasExponential: (x) => tf.exp(x),
};

/** Half as many features come out of a gate as go in: tells a layer so that ends with one. */
export function halveOutput(layer: Layer): void {
  const { computeOutputShape } = layer;
  const halved = (shape: Parameters<Layer["computeOutputShape"]>[0]) => {
    const whole = computeOutputShape.call(layer, shape) as (number | null)[];
    return [...whole.slice(0, -1), whole.at(-1)! / 2];
  };
  trustFunction(halved);
  layer.computeOutputShape = halved;
}

let registered = false;

/** Registers them with tfjs, once. */
export function registerActivations(): void {
  if (registered) return;
  registered = true;
  for (const [name, formula] of Object.entries(activations)) {
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
