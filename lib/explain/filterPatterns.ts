/** Pictures that a convolution's filters answer to most. */

import type { LayersModel, Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import {
  checkList,
  checkNumber,
  checkPair,
  checkWhole,
  isWithin,
  rejectUnknownOptions,
} from "../checks";
import { randomUniform } from "../engine";
import { ConvnetsError } from "../errors";

import { tf } from "../tfjs";

import { runWith, withoutActivation } from "./intercept";
import { imageLayer } from "./layers";

/** Options of `filterPatterns`. */
export interface FilterPatternsOptions {
  /** Numbers of the filters. @default the first 16, or all of fewer */
  filters?: readonly number[];
  /** Steps uphill. @default 30 */
  steps?: number;
  /** How far a step moves the pixels of a picture, as root mean square in shares of `range`. @default 0.03 */
  stepSize?: number;
  /** Height and width in pixels where the model takes any. @default 128 */
  size?: number;
  /** Least and greatest value of the model's input; the first picture is noise around the middle. @default [0, 255] */
  range?: readonly [low: number, high: number];
}

/**
 * Climbs from noise to pictures that filters of a layer answer to most, all at once.
 *
 * A filter is asked before its layer's activation, so that one that is silent at first climbs, too. The border of the
 * layer's output doesn't count, since patterns grow there that the padding made.
 *
 * @param model A model with one input of images; it may have models inside.
 * @param layer Name of a layer with outputs `[batch, height, width, channels]`.
 * @returns `[filters, height, width, channels]` float32 in [0, 1], each picture with the same brightness and
 *   contrast. The caller disposes it.
 * @throws InvalidArgumentError for a layer or filter that is not there.
 * @example
 * import { applications, filterPatterns, showImages } from "convnets";
 * const model = await applications.vgg16({ includeTop: false });
 * const patterns = filterPatterns(model, "block3_conv1", { filters: [0, 1, 2], range: [-124, 152] });
 * await showImages(patterns);
 * patterns.dispose();
 * @see Chollet, "Deep Learning with Python", 2nd edition, section 9.4.2
 */
export function filterPatterns(
  model: LayersModel,
  layer: string,
  options: FilterPatternsOptions = {},
): Tensor4D {
  rejectUnknownOptions(
    options,
    { filters: true, steps: true, stepSize: true, size: true, range: true },
    "filterPatterns",
  );
  const { steps = 30, size = 128, range = [0, 255] } = options;
  checkWhole("steps", steps, { low: 1, high: 10_000 });
  checkWhole("size", size, { low: 1, high: 4096 });
  checkNumber("stepSize", options.stepSize, { above: 0 });
  checkPair("range", range);
  const [low, high] = range;
  const stepLength = (options.stepSize ?? 0.03) * (high - low);
  const target = imageLayer(model, layer);
  const channels = (target.outputShape as number[]).at(-1)!;
  const filters = checkedFilters(options.filters, channels);
  const [, height, width, depth] = model.inputs[0]!.shape;
  const shape = [filters.length, height ?? size, width ?? size, depth ?? 3];
  let seen: Tensor | undefined;
  /** Ends a run of the model at the layer: nobody asks what comes behind it. */
  const enough = new ConvnetsError("The layer has been seen.");
  const answer = (pictures: Tensor) => {
    const change = (output: Tensor) => {
      seen = tf.keep(meanAnswers(output, filters));
      throw enough;
    };
    try {
      // Behind a relu, a filter that the noise doesn't wake would have no gradient.
      withoutActivation(target, () => runWith(model, pictures, new Map([[target, change]])));
    } catch (error) {
      if (error !== enough) throw error;
    }
    return seen!.asScalar();
  };
  return tf.tidy(() => {
    const noise = randomUniform(shape).mul(0.2).add(0.4);
    let pictures: Tensor = noise.mul(high - low).add(low);
    for (let step = 0; step < steps; step++) {
      const last = pictures;
      pictures = tf.tidy(() => {
        const { value, grad } = tf.valueAndGrad(answer)(last);
        tf.dispose([value, seen!]); // kept, since the model's own scopes would have freed it
        const length = grad.square().mean([1, 2, 3], true).sqrt().add(1e-12);
        return last.add(grad.div(length).mul(stepLength));
      });
      last.dispose();
    }
    return presentable(pictures) as Tensor4D;
  });
}

/** Each picture's answer of its own filter, summed; their gradients don't meet. */
function meanAnswers(output: Tensor, filters: readonly number[]): Tensor {
  const [, height, width] = output.shape as [number, number, number, number];
  const border = Math.min(2, Math.floor((Math.min(height, width) - 1) / 2));
  return tf.addN(
    filters.map((filter, i) =>
      output
        .slice([i, border, border, filter], [1, height - 2 * border, width - 2 * border, 1])
        .mean(),
    ),
  );
}

/** Mean to the middle, and a spread that the eye likes. */
function presentable(pictures: Tensor): Tensor {
  const centred = pictures.sub(pictures.mean([1, 2, 3], true));
  const deviation = centred.square().mean([1, 2, 3], true).sqrt().add(1e-7);
  return centred.div(deviation).mul(0.25).add(0.5).clipByValue(0, 1);
}

function checkedFilters(given: readonly number[] | undefined, channels: number): readonly number[] {
  checkList("filters", given, {
    what: `whole numbers from 0 to ${channels - 1}`,
    fits: (one) => Number.isInteger(one) && isWithin(one, { low: 0, high: channels - 1 }),
  });
  return given ?? Array.from({ length: Math.min(16, channels) }, (_, i) => i);
}
