/** Changes brightness, contrast, saturation and hue of images at random. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { InvalidArgumentError } from "../errors";
import type { Config, Factor } from "./options";
import {
  RandomBrightness,
  RandomColorLayer,
  type RandomColorOptions,
  RandomContrast,
} from "./randomColor";
import { RandomHue, RandomSaturation } from "./randomHue";
import type { DataFormat } from "./spatialLayer";

/** Options of `layers.randomColorJitter`. */
export interface RandomColorJitterOptions extends RandomColorOptions {
  /** As `factor` of `layers.randomBrightness`. @default null, which leaves the brightness */
  brightnessFactor?: Factor | null;
  /** As `factor` of `layers.randomContrast`. @default null */
  contrastFactor?: Factor | null;
  /** As `factor` of `layers.randomSaturation`. @default null */
  saturationFactor?: Factor | null;
  /** As `factor` of `layers.randomHue`. @default null */
  hueFactor?: Factor | null;
}

const parts = {
  brightnessFactor: RandomBrightness,
  contrastFactor: RandomContrast,
  saturationFactor: RandomSaturation,
  hueFactor: RandomHue,
};
type Part = keyof typeof parts;

/**
 * Changes brightness, contrast, saturation and hue of each image while training, in this order.
 *
 * With the channels first, Keras 3.15 takes the last axis for the colours all the same; so does this.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_color_jitter/
 */
export class RandomColorJitter extends RandomColorLayer {
  /** Keras' name of the class. */
  static className = "RandomColorJitter";
  private readonly given: Record<Part, Factor | null>;
  private readonly steps: RandomColorLayer[];

  constructor(options: RandomColorJitterOptions = {}) {
    super(options, [0, 0]);
    const { brightnessFactor = null, contrastFactor = null } = options;
    const { saturationFactor = null, hueFactor = null } = options;
    this.given = { brightnessFactor, contrastFactor, saturationFactor, hueFactor };
    const names = (Object.keys(parts) as Part[]).filter((name) => this.given[name] !== null);
    this.steps = names.map((name) => {
      const factor = this.given[name]!;
      try {
        const step = new parts[name]({ factor, valueRange: this.valueRange });
        step.keys = this.keys;
        return step;
      } catch (cause) {
        throw new InvalidArgumentError(`\`${name}\`: ${(cause as Error).message}`, { cause });
      }
    });
  }

  protected override get layout(): DataFormat {
    return "channelsLast";
  }

  override perturbBatch(images: Tensor4D): Tensor {
    return this.steps.reduce<Tensor>((x, step) => step.perturbBatch(x as Tensor4D), images);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    const { factor: _, ...config } = super.getConfig();
    return { ...config, ...this.given };
  }
}
