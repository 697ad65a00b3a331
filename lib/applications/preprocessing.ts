/** What networks do to pixels before their first layer: for tensors, and inside a model. */
import type { SymbolicTensor, Tensor } from "@tensorflow/tfjs-node-gpu";
import { invalidArgument } from "../errors";
import { normalization, rescaling } from "../layers";
import { tf } from "../tfjs";

/** Maps pixels of images, or the symbolic output of a layer; gives the same kind as it gets. */
export interface PreprocessInput {
  /** Keras' name for what is done. It tells functions of the same source apart, where features are kept by it. */
  readonly mode: "caffe" | "tf" | "torch" | "none";
  /**
   * @param x `[batch, height, width, 3]` or `[height, width, 3]`, RGB in [0, 255]. Stays the caller's.
   * @returns A new float32 tensor of the same shape; the caller disposes it.
   */
  (x: Tensor): Tensor;
  /** Inside a model: adds layers without weights, which `saveModel` writes and Keras reads; none where pixels stay. */
  (x: SymbolicTensor): SymbolicTensor;
}

/** ImageNet's mean blue, green and red. */
const meanBgr = [103.939, 116.779, 123.68];

/** ImageNet's mean red, green and blue, and their standard deviations, of pixels in [0, 1]. */
const meanRgb = [0.485, 0.456, 0.406];
const deviationRgb = [0.229, 0.224, 0.225];

/** RGB to BGR, less ImageNet's mean of each channel, unscaled: what Caffe's networks were trained on. */
export const caffeInput = preprocessing("caffe", {
  onTensor: (pixels) => tf.sub(tf.reverse(pixels, -1), tf.tensor1d(meanBgr)),
  onSymbol: (pixels) => subtractMeans(swapChannels(pixels)),
});

/** From [0, 255] to [-1, 1]. */
export const centredInput = preprocessing("tf", {
  onTensor: (pixels) => tf.sub(tf.div(pixels, 127.5), 1),
  onSymbol: (pixels) => rescaling({ scale: 1 / 127.5, offset: -1 }).apply(pixels),
});

/** From [0, 255] to [0, 1], less ImageNet's mean of each channel and divided by its deviation, as Torch's networks. */
export const standardInput = preprocessing("torch", {
  onTensor: (pixels) => tf.div(tf.sub(tf.div(pixels, 255), tf.tensor1d(meanRgb)), deviationRgb),
  onSymbol: (pixels) => {
    const variance = deviationRgb.map((deviation) => deviation ** 2);
    const layer = normalization({ mean: meanRgb, variance });
    return layer.apply(rescaling({ scale: 1 / 255 }).apply(pixels));
  },
});

/** Pixels as they are: for networks that have their own layers for it. */
export const plainInput = preprocessing("none", {
  onTensor: (pixels) => tf.clone(pixels),
  onSymbol: (pixels) => pixels,
});

function preprocessing(
  mode: PreprocessInput["mode"],
  by: {
    onTensor: (pixels: Tensor) => Tensor;
    onSymbol: (pixels: SymbolicTensor) => SymbolicTensor;
  },
): PreprocessInput {
  function preprocessInput(x: Tensor): Tensor;
  function preprocessInput(x: SymbolicTensor): SymbolicTensor;
  function preprocessInput(x: Tensor | SymbolicTensor): Tensor | SymbolicTensor {
    const isImages = [3, 4].includes(x?.rank) && x.shape.at(-1) === 3;
    if (x instanceof tf.Tensor && isImages) {
      return tf.tidy(() => by.onTensor(tf.cast(x, "float32")));
    }
    if (x instanceof tf.SymbolicTensor && isImages && x.rank === 4) return by.onSymbol(x);
    throw invalidArgument("x", {
      expected: "a tensor of RGB images, [batch, height, width, 3] or [height, width, 3]",
      received: x,
    });
  }
  return Object.assign(preprocessInput, { mode });
}

/**
 * Keras has no layer that swaps channels: each is cut out (to `Cropping2D` they are the second side of an image whose
 * channels come first), and they are put together in the other order.
 */
function swapChannels(pixels: SymbolicTensor): SymbolicTensor {
  const channels = [2, 1, 0].map((channel) => {
    const cropping: [number, number][] = [
      [0, 0],
      [channel, 2 - channel],
    ];
    const crop = tf.layers.cropping2D({
      cropping: cropping as [[number, number], [number, number]],
      dataFormat: "channelsFirst",
    });
    return crop.apply(pixels);
  });
  return tf.layers.concatenate({ axis: -1 }).apply(channels);
}

function subtractMeans(pixels: SymbolicTensor): SymbolicTensor {
  const layer = normalization({ mean: meanBgr, variance: [1, 1, 1] });
  return layer.apply(pixels);
}
