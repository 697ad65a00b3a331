/** tfjs, running on TensorFlow's own kernels: `tf.layers`, `tf.data`, `tf.tensor`, … and its types, `tf.Tensor`, … */
import * as tf from "./tfjs";

export { tf };
