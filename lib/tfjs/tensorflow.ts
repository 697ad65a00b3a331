/** tfjs, running on TensorFlow's own kernels: `tf.layers`, `tf.data`, `tf.tensor`, … and its types, `tf.Tensor`, … */
import { regularizeActivity } from "./activity";
import { normalizeAsKeras } from "./batchNormalization";
import { compileAsKeras } from "./compile";
import { dilateAsKeras } from "./dilation";
import { dilateVolumes } from "./dilation3d";
import { runAsKeras } from "./execution";
import { flattenComparisons } from "./flatGradients";
import { freezeAsKeras } from "./freezing";
import { hintAtFit, refuseTooSmall } from "./hints";
import { loopOver } from "./loops";
import { useMasks } from "./masks";
import { nameAsKeras } from "./naming";
import { clipAsKeras } from "./relu6";
import { shapeAsKeras } from "./shapes";
import { refuseHugeWeights } from "./sizes";
import { spellAsKeras } from "./spellings";
import * as tf from "./tfjs";
import { refuseLostWeights } from "./trained";
import "./loops"; // its types, for those who import us
import "./typedApply";
import { enlargeAsKeras } from "./upSampling";

nameAsKeras();
freezeAsKeras(tf);
compileAsKeras(tf);
dilateAsKeras();
dilateVolumes();
flattenComparisons();
normalizeAsKeras();
shapeAsKeras();
enlargeAsKeras();
clipAsKeras();
regularizeActivity();
useMasks();
runAsKeras();
refuseLostWeights();
refuseHugeWeights();
refuseTooSmall();
spellAsKeras();
hintAtFit();
loopOver(tf);

export { tf };
