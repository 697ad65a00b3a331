/** Normalization without centre or scale: while training, tfjs needs the weights that it doesn't make then. */
import { type LayerClass, layerClass, tf } from "../../tfjs";

/** tfjs' fields. */
interface NormalizationParts {
  axis: number | number[];
  center: boolean;
  scale: boolean;
  beta: unknown;
  gamma: unknown;
}

const classes = new Map<string, LayerClass>();

/** `BatchNormalization` or `LayerNormalization` with `center: false` or `scale: false`. */
export function bareNormalizationClass(className: string): LayerClass {
  const cls = classes.get(className) ?? define(className);
  classes.set(className, cls);
  return cls;
}

function define(className: string): LayerClass {
  return class extends (layerClass(className)!) {
    override build(inputShape: (number | null)[] | (number | null)[][]): void {
      super.build(inputShape);
      const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as number[];
      const own = this as unknown as NormalizationParts;
      const size = [own.axis].flat().map((axis) => shape.at(axis)!);
      if (!own.center) own.beta = { read: () => tf.zeros(size) };
      if (!own.scale) own.gamma = { read: () => tf.ones(size) };
      // LayerNormalization looks at these to decide whether to read; files still say what Keras said.
      const { center, scale } = own;
      const getConfig = this.getConfig.bind(this);
      this.getConfig = () => ({ ...getConfig(), center, scale });
      if (className === "LayerNormalization") Object.assign(own, { center: true, scale: true });
    }
  };
}
