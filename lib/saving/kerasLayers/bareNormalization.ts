/** Normalization without centre or scale: while training, tfjs needs the weights that it doesn't make then. */
import { baseClass, type LayerClass, tf } from "../../tfjs";

type Normalization = "BatchNormalization" | "LayerNormalization";

const classes = new Map<Normalization, LayerClass>();

/** `BatchNormalization` or `LayerNormalization` with `center: false` or `scale: false`. */
export function bareNormalizationClass(className: Normalization): LayerClass {
  const cls = classes.get(className) ?? define(className);
  classes.set(className, cls);
  return cls;
}

function define(className: Normalization): LayerClass {
  return class extends baseClass(className) {
    override build(inputShape: (number | null)[] | (number | null)[][]): void {
      super.build(inputShape);
      const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as number[];
      const size = [this.axis].flat().map((axis) => shape.at(axis)!);
      if (!this.center) this.beta = { read: () => tf.zeros(size) };
      if (!this.scale) this.gamma = { read: () => tf.ones(size) };
      // LayerNormalization looks at these to decide whether to read; files still say what Keras said.
      const { center, scale } = this;
      const getConfig = this.getConfig.bind(this);
      this.getConfig = () => ({ ...getConfig(), center, scale });
      if (className === "LayerNormalization") Object.assign(this, { center: true, scale: true });
    }
  };
}
