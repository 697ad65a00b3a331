/** tfjs, running on TensorFlow's own kernels: `tf.layers`, `tf.data`, `tf.tensor`, … and its types, `tf.Tensor`, … */
import { dilateAsKeras } from "./dilation";
import { freezeAsKeras } from "./freezing";
import { takeMetricsAsKeras } from "./metrics";
import * as tf from "./tfjs";

freezeAsKeras(tf);
takeMetricsAsKeras(tf);
dilateAsKeras();

export { tf };
