/** What RandAugment and AugMix choose from. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { type KeySource, randomUniform } from "../engine";
import { tf } from "../tfjs";
import type { Range } from "./colours";
import type { Interpolation } from "./projectiveTransform";
import { RandomBrightness, RandomContrast } from "./randomColor";
import { RandomSharpness } from "./randomFilters";
import { RandomLayer } from "./randomLayer";
import { RandomRotation } from "./randomRotation";
import { RandomColorDegeneration } from "./randomShades";
import { RandomShear } from "./randomShear";
import { RandomPosterization, Solarization } from "./randomTones";
import { RandomTranslation } from "./randomTranslation";
import { AutoContrast, Equalization } from "./tones";

/** A layer that changes a batch with the channels last. */
export interface Change {
  perturbBatch(images: Tensor4D): Tensor;
}

/** How strong changes are. */
interface Strength {
  factor: Range;
  valueRange: Range;
  interpolation: Interpolation;
}

/** The layers to choose from, all of the same strength. */
export function changes(
  { factor, valueRange, interpolation }: Strength,
  keys: KeySource,
  { withColours }: { withColours: boolean },
): Change[] {
  const options = { factor, valueRange };
  const all = [
    new RandomShear({ xFactor: factor, yFactor: factor, interpolation }),
    new RandomTranslation({ heightFactor: factor, widthFactor: factor, interpolation }),
    new RandomRotation({ factor, interpolation }),
    new RandomPosterization({ factor: Math.max(1, Math.floor(8 * factor[1])), valueRange }),
    new Solarization({ additionFactor: factor, thresholdFactor: factor, valueRange }),
    new AutoContrast({ valueRange }),
    new Equalization({ valueRange }),
    ...(withColours
      ? [
          new RandomBrightness(options),
          new RandomColorDegeneration(options),
          new RandomContrast(options),
          new RandomSharpness(options),
        ]
      : []),
  ];
  for (const layer of all) if (layer instanceof RandomLayer) layer.keys = keys;
  return all;
}

/**
 * Changes a batch in one of several ways, or of one more that leaves it.
 *
 * A graph knows the choice only when it runs, so all ways are computed and one is taken, as in Keras' RandAugment.
 */
export function changeSomehow(
  images: Tensor4D,
  ways: Change[],
  { keys, orNot }: { keys: KeySource; orNot: boolean },
): Tensor4D {
  const count = ways.length + Number(orNot);
  const choice = tf.floor(tf.mul(randomUniform([1, 1, 1, 1], keys), count));
  return ways.reduce<Tensor4D>((taken, way, i) => {
    const changed = way.perturbBatch(images) as Tensor4D;
    return tf.where(tf.equal(choice, i), changed, taken);
  }, images);
}
