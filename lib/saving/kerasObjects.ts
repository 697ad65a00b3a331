/** Initializers and regularizers of Keras' files that tfjs lacks, or that it can't tell from others. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { OrthogonalRegularizer } from "../layers";
import { type Config, registerClass, tf } from "../tfjs";

type NormalType = "float32" | "int32";

/** Any scaling by the size of a layer, as Keras has it: with axes of one's own, and with normals that aren't cut. */
class KerasVarianceScaling extends tf.serialization.Serializable {
  static className = "KerasVarianceScaling";

  constructor(private readonly config: Config) {
    super();
  }

  apply(shape: number[], dtype: NormalType = "float32"): Tensor {
    const { scale, mode, distribution, seed } = this.config as {
      scale: number;
      mode: string;
      distribution: string;
      seed?: number;
    };
    const [inputs, outputs] = this.fans(shape);
    const averaged = (inputs + outputs) / 2;
    const fan = mode === "fanIn" ? inputs : mode === "fanOut" ? outputs : averaged;
    const variance = scale / Math.max(1, fan);
    if (distribution === "uniform") {
      const limit = Math.sqrt(3 * variance);
      return tf.randomUniform(shape, -limit, limit, dtype, seed);
    }
    const deviation = Math.sqrt(variance);
    if (distribution === "untruncated_normal") {
      return tf.randomNormal(shape, 0, deviation, dtype, seed);
    }
    // So that what is left after the cut has that deviation.
    return tf.truncatedNormal(shape, 0, deviation / 0.8796256610342398, dtype, seed);
  }

  /** How many inputs and outputs a weight connects. */
  private fans(shape: number[]): [inputs: number, outputs: number] {
    const { inputAxes, outputAxes } = this.config as {
      inputAxes?: number[];
      outputAxes?: number[];
    };
    const product = (sizes: number[]) => sizes.reduce((size, side) => size * side, 1);
    const along = (axes: number[]) => product(axes.map((axis) => shape.at(axis) ?? 1));
    if (inputAxes !== undefined && outputAxes !== undefined) {
      return [along(inputAxes), along(outputAxes)];
    }
    if (shape.length < 2) return [product(shape), product(shape)];
    const field = product(shape.slice(0, -2));
    return [shape.at(-2)! * field, shape.at(-1)! * field];
  }

  override getConfig() {
    return this.config as ReturnType<tf.serialization.Serializable["getConfig"]>;
  }
}

let registered = false;

/** Registers them with tfjs, once. */
export function registerObjects(): void {
  if (registered) return;
  registered = true;
  registerClass(KerasVarianceScaling);
  registerClass(OrthogonalRegularizer);
  registerClass(l1l2Class());
}

/** tfjs' own, for which L1, L2 and both are one class; a file tells them apart. */
function l1l2Class() {
  type L1l2 = ReturnType<typeof tf.regularizers.l1l2>;
  const base = tf.regularizers.l1l2().constructor as new (
    config?: Config,
  ) => Pick<L1l2, keyof L1l2>;
  return class KerasL1L2 extends base {
    static className = "KerasL1L2";
  };
}
