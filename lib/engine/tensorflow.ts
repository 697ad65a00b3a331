/** tfjs, running on TensorFlow's own kernels: `tf.layers`, `tf.data`, `tf.tensor`, … and its types, `tf.Tensor`, … */
import { passFreezingOn } from "./freezing";
import * as tf from "./tfjs";

passFreezingOn(tf.LayersModel);

export { tf };
