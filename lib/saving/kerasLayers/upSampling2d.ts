/** Keras enlarges between pixel centres; tfjs from the corner. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { baseClass, DType, type LayerClass, runKernel, tf } from "../../tfjs";

let cls: LayerClass | undefined;

/** `UpSampling2D` with `interpolation: "bilinear"`. */
export function upSampling2DClass(): LayerClass {
  cls ??= define();
  return cls;
}

function define(): LayerClass {
  return class extends baseClass("UpSampling2D") {
    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => {
        const { size, dataFormat } = this;
        const input = (Array.isArray(inputs) ? inputs[0] : inputs) as Tensor4D;
        const first = dataFormat === "channelsFirst";
        const images = first ? tf.transpose(input, [0, 2, 3, 1]) : input;
        const [, height, width] = images.shape;
        const target: [number, number] = [height * size[0], width * size[1]];
        const enlarged = resizeBilinear(images, target);
        return first ? tf.transpose(enlarged, [0, 3, 1, 2]) : enlarged;
      });
    }
  };
}

/** tfjs' own function forgets the pixel centres in its gradient. */
function resizeBilinear(images: Tensor, size: [number, number]): Tensor {
  const attrs = {
    T: { type: DType.float32 },
    align_corners: { bool: false },
    half_pixel_centers: { bool: true },
  };
  const target = tf.tensor1d(size, "int32");
  return tf.customGrad((input, save) => {
    (save as (tensors: Tensor[]) => void)([input as Tensor]);
    const [value] = runKernel("ResizeBilinear", [input as Tensor, target], { attrs });
    const gradFunc = (dy: Tensor, saved: Tensor[]) =>
      runKernel("ResizeBilinearGrad", [dy, saved[0]!], { attrs })[0]!;
    return { value: value!, gradFunc };
  })(images);
}
