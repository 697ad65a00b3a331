/** Normalization without centre or scale: while training, tfjs needs the weights that it doesn't make then. */
import { baseClass, type LayerClass, tf } from "../../tfjs";

let known: LayerClass | undefined;

/** `BatchNormalization` with `center: false` or `scale: false`. */
export function bareNormalizationClass(): LayerClass {
  known ??= define();
  return known;
}

function define(): LayerClass {
  return class extends baseClass("BatchNormalization") {
    override build(inputShape: (number | null)[] | (number | null)[][]): void {
      super.build(inputShape);
      const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as number[];
      const size = [this.axis].flat().map((axis) => shape.at(axis)!);
      if (!this.center) this.beta = { read: () => tf.zeros(size) };
      if (!this.scale) this.gamma = { read: () => tf.ones(size) };
    }
  };
}
