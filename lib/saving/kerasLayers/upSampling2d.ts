/** Keras enlarges between pixel centres; tfjs from the corner. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../../engine";
import { type Config, type LayerClass, layerClass } from "../tfjs";

let cls: LayerClass | undefined;

/** `UpSampling2D` with `interpolation: "bilinear"`. */
export function upSampling2DClass(): LayerClass {
  cls ??= define();
  return cls;
}

function define(): LayerClass {
  return class extends (layerClass("UpSampling2D")!) {
    private readonly settings: { size: [number, number]; dataFormat?: string };

    constructor(config: Config) {
      super(config);
      this.settings = this.getConfig() as unknown as typeof this.settings;
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => {
        const { size, dataFormat } = this.settings;
        const input = (Array.isArray(inputs) ? inputs[0] : inputs) as Tensor4D;
        const first = dataFormat === "channelsFirst";
        const images = first ? tf.transpose(input, [0, 2, 3, 1]) : input;
        const [, height, width] = images.shape;
        const target: [number, number] = [height * size[0], width * size[1]];
        const enlarged = tf.image.resizeBilinear(images, target, false, true);
        return first ? tf.transpose(enlarged, [0, 3, 1, 2]) : enlarged;
      });
    }
  };
}
