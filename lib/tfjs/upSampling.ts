/** `UpSampling2D` with `interpolation: "bilinear"`: Keras enlarges between pixel centres, tfjs from the corner. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { DType } from "./binding";
import { insides } from "./insides";
import { runKernel } from "./kernels";
import { prototypeOf } from "./prototypes";
import * as tf from "./tfjs";

/** Lets the layer enlarge as Keras' does. */
export function enlargeAsKeras(): void {
  const layer = prototypeOf("UpSampling2D");
  const { call } = layer;
  layer.call = function (inputs, kwargs) {
    const { size, dataFormat, interpolation } = insides("UpSampling2D", this);
    if (interpolation !== "bilinear") return call.call(this, inputs, kwargs);
    return tf.tidy(() => {
      const input = [inputs].flat()[0]! as Tensor4D;
      const isFirst = dataFormat === "channelsFirst";
      const images = isFirst ? tf.transpose(input, [0, 2, 3, 1]) : input;
      const [, height, width] = images.shape;
      const enlarged = resizeBilinear(images, [height * size[0]!, width * size[1]!]);
      return isFirst ? tf.transpose(enlarged, [0, 3, 1, 2]) : enlarged;
    });
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
