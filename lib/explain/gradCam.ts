/** Where in an image a model saw what it decided for. */

import type {
  LayersModel,
  Scalar,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor4D,
} from "@tensorflow/tfjs-node-gpu";
import { checkWhole, rejectUnknownOptions } from "../checks";
import { InvalidArgumentError } from "../errors";
import { tf } from "../tfjs";
import { type Head, outputsOf, runWith, withoutHead } from "./intercept";
import { asBatch, imageLayer, lastImageLayer } from "./layers";

/** Options of `gradCam`. */
export interface GradCamOptions {
  /**
   * Name of the layer whose channels are weighed, also of one inside a nested model.
   *
   * @default the last with outputs `[batch, height, width, channels]`
   */
  layer?: string;
  /** The class that is asked about; of a single sigmoid unit 0 or 1. @default the one that the model decides for */
  classIndex?: number;
}

/**
 * Grad-CAM: weighs the channels of a convolution by how much the class depends on them, and adds them up.
 *
 * The book asks for the gradient of the probability. This asks for that of its log-odds, which gives the same map, also
 * where the probability is so near to 1 that its own gradient is lost.
 *
 * @param model A classifier with one input and one output `[batch, classes]`; it may have models inside.
 * @param image `[height, width, channels]` or `[1, height, width, channels]`, as the model takes it. Stays the caller's.
 * @returns `[height, width]` of the layer's output, float32 in [0, 1]. The caller disposes it.
 * @throws InvalidArgumentError for a layer or class that is not there, naming those that are.
 * @example
 * import { applications, gradCam, tf } from "convnets";
 * const model = await applications.mobileNetV2();
 * const image = applications.mobileNetV2.preprocessInput(tf.zeros([224, 224, 3]));
 * const map = gradCam(model, image, { classIndex: 386 });
 * console.log(map.shape); // [7, 7]
 * @see Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", ICCV 2017
 * @see Chollet, "Deep Learning with Python", 2nd edition, section 9.4.3
 */
export function gradCam(model: LayersModel, image: Tensor, options: GradCamOptions = {}): Tensor2D {
  rejectUnknownOptions(options, { layer: true, classIndex: true }, "gradCam");
  const classes = classesOf(model);
  const { classIndex } = options;
  const most = Math.max(classes, 2) - 1;
  checkWhole("classIndex", classIndex, { low: 0, high: most });
  const layer =
    options.layer === undefined ? lastImageLayer(model) : imageLayer(model, options.layer);
  return tf.tidy(() => {
    const batch = asBatch(model, image);
    const [activations] = outputsOf(model, batch, [layer]) as [Tensor4D];
    const score = (activation: Tensor) => {
      const { output, head } = withoutHead(model, () =>
        runWith(model, batch, new Map([[layer, () => activation.clone()]])),
      );
      return scoreOf(output, { classIndex: classIndex ?? decision(output, head), head });
    };
    try {
      const weights = tf.grad(score)(activations).mean([0, 1, 2]);
      const map = activations.squeeze<Tensor>([0]).mul(weights).sum(-1).relu();
      return tf.divNoNan(map, map.max()) as Tensor2D;
    } finally {
      activations.dispose();
    }
  });
}

/**
 * How sure the model is of a class: the logarithm of its odds. Its gradient has the direction of the probability's,
 * which the book takes, and doesn't vanish where the probability is 1 to the last bit.
 */
function scoreOf(
  output: Tensor,
  { classIndex, head }: { classIndex: number; head: Head | undefined },
): Scalar {
  const values = output.reshape<Tensor1D>([-1]);
  if (values.size === 1) {
    const one = values.asScalar();
    return classIndex === 1 ? one : one.neg<Scalar>();
  }
  const own = values.slice(classIndex, 1).asScalar();
  if (head !== "softmax") return own; // the others have no part in it
  const others = tf.concat([values.slice(0, classIndex), values.slice(classIndex + 1)]);
  return own.sub(tf.logSumExp(others));
}

function decision(output: Tensor, head: Head | undefined): number {
  const values = output.dataSync();
  if (values.length === 1) return values[0]! >= (head === "sigmoid" ? 0 : 0.5) ? 1 : 0;
  return values.indexOf(Math.max(...values));
}

function classesOf(model: LayersModel): number {
  const [output] = model.outputs;
  if (model.outputs.length === 1 && output!.shape.length === 2) return output!.shape[1]!;
  throw new InvalidArgumentError(
    `\`model\` must be a classifier with one output [batch, classes]. Received: outputs ${model.outputs
      .map(({ shape }) => `[${shape.join(", ")}]`)
      .join(", ")}`,
  );
}
