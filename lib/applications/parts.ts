/** Layers that networks are made of. They begin with Keras' first values; tfjs' own are others, and slower to draw. */
import type { layers } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tfjs";
import type { ApplicationSettings } from "./options";

const kernelInitializer = "glorotUniform";

/** A convolution of images. */
export function convolution(options: Parameters<typeof tf.layers.conv2d>[0]): layers.Layer {
  return tf.layers.conv2d({ kernelInitializer, ...options });
}

/** A convolution of each channel by itself. */
export function depthwise(options: Parameters<typeof tf.layers.depthwiseConv2d>[0]): layers.Layer {
  return tf.layers.depthwiseConv2d({ depthwiseInitializer: kernelInitializer, ...options });
}

/** A fully connected layer. */
export function dense(options: Parameters<typeof tf.layers.dense>[0]): layers.Layer {
  return tf.layers.dense({ kernelInitializer, ...options });
}

/** max(0, x), as a layer. */
export function relu(name?: string): layers.Layer {
  return tf.layers.activation({ activation: "relu", name });
}

/** The mean of each feature map. */
export function globalAverage(name?: string): layers.Layer {
  return tf.layers.globalAveragePooling2d({ name });
}

/** The last layer of a classifier. */
export function predictions({ classes, classifierActivation }: ApplicationSettings): layers.Layer {
  const activation = classifierActivation as "softmax";
  return dense({ units: classes, activation, name: "predictions" });
}
