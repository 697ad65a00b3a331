/** tfjs, running on TensorFlow's own kernels: `tf.layers`, `tf.data`, `tf.tensor`, … and its types, `tf.Tensor`, … */
import { regularizeActivity } from "./activity";
import { normalizeAsKeras } from "./batchNormalization";
import { dilateAsKeras } from "./dilation";
import { runAsKeras } from "./execution";
import { freezeAsKeras } from "./freezing";
import { useMasks } from "./masks";
import { takeMetricsAsKeras } from "./metrics";
import { shapeAsKeras } from "./shapes";
import { refuseHugeWeights } from "./sizes";
import * as tf from "./tfjs";
import { refuseLostWeights } from "./trained";

freezeAsKeras(tf);
takeMetricsAsKeras(tf);
dilateAsKeras();
normalizeAsKeras();
shapeAsKeras();
regularizeActivity();
useMasks();
runAsKeras();
refuseLostWeights();
refuseHugeWeights();

export { tf };
