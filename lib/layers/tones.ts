/** Stretches the tones of images, or makes them equally frequent. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { checkWhole } from "../checks";
import { DType, runKernel, tf } from "../tfjs";
import { bytes, type Range, rescaled, unlearnt } from "./colours";
import { asBatch, checkImages } from "./imageLayer";
import { type Config, valueRangeOf } from "./options";
import { PlainLayer } from "./plainLayer";
import { clip } from "./randomColor";
import type { CallArguments } from "./randomLayer";
import { type DataFormat, type DataFormatOptions, dataFormatOf } from "./spatialLayer";

/** What layers of tones take. */
export interface ToneOptions extends DataFormatOptions {
  /** Least and largest pixel value. @default [0, 255] */
  valueRange?: [number, number] | null;
}

/** Options of `layers.equalization`. */
export interface EqualizationOptions extends ToneOptions {
  /** How many tones are told apart, up to 65536. @default 256 */
  bins?: number;
}

/** A layer that draws nothing and changes the tones of images, of any number type, to float32. */
export abstract class ToneLayer extends PlainLayer {
  protected readonly dataFormat: DataFormat;
  protected readonly valueRange: Range;

  constructor(options: ToneOptions) {
    super(options);
    this.dataFormat = dataFormatOf(options.dataFormat);
    this.valueRange = valueRangeOf(options.valueRange);
  }

  protected override compute(input: Tensor, kwargs: CallArguments): Tensor {
    checkImages(input);
    const images = input.dtype === "float32" ? input : tf.cast(input, "float32");
    return this.changes(kwargs)
      ? asBatch(images, (batch) => this.perturbBatch(batch), this.layout)
      : images;
  }

  /** Whether images are changed: always, unless a layer says otherwise. */
  protected changes(_kwargs: CallArguments): boolean {
    return true;
  }

  /** Where `compute` looks for the channels; one of Keras' layers doesn't ask. */
  protected get layout(): DataFormat {
    return this.dataFormat;
  }

  /** Changes each image of a float32 batch with the channels last. */
  abstract perturbBatch(images: Tensor4D): Tensor;

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), dataFormat: this.dataFormat, valueRange: this.valueRange };
  }
}

/**
 * Stretches each channel of each image to the whole range of values, at inference too.
 *
 * With the channels first, Keras 3.15 stretches each column of pixels instead; so does this.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/auto_contrast/
 */
export class AutoContrast extends ToneLayer {
  /** Keras' name of the class. */
  static className = "AutoContrast";

  constructor(options: ToneOptions = {}) {
    super(options);
  }

  protected override get layout(): DataFormat {
    return "channelsLast";
  }

  override perturbBatch(images: Tensor4D): Tensor {
    const values = rescaled(images, this.valueRange, bytes);
    const low = tf.min(values, [1, 2], true);
    const span = tf.sub(tf.max(values, [1, 2], true), low);
    const flat = tf.equal(span, 0);
    const scale = tf.div(255, tf.where(flat, tf.onesLike(span), span));
    const stretched = tf.add(tf.mul(values, scale), tf.mul(tf.neg(low), scale));
    return tf.where(flat, images, rescaled(clip(stretched, bytes), bytes, this.valueRange));
  }
}

/**
 * Makes all tones equally frequent while training: in each channel of the batch as a whole, as in Keras.
 *
 * In a model Keras 3.15 leaves this layer out of the computation; here it does there what it does outside.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/equalization/
 */
export class Equalization extends ToneLayer {
  /** Keras' name of the class. */
  static className = "Equalization";
  private readonly bins: number;

  constructor(options: EqualizationOptions = {}) {
    super(options);
    checkWhole("bins", options.bins, { low: 2, high: 65_536 });
    this.bins = options.bins ?? 256;
  }

  protected override changes(kwargs: CallArguments): boolean {
    return kwargs.training === true;
  }

  override perturbBatch(images: Tensor4D): Tensor {
    const values = rescaled(images, this.valueRange, bytes);
    const channels = tf
      .split(values, images.shape[3], 3)
      .map((each) => unlearnt(each, (x) => this.equalize(x)));
    return rescaled(tf.concat(channels, 3), bytes, this.valueRange);
  }

  private equalize(channel: Tensor): Tensor {
    const last = this.bins - 1;
    const place = (share: Tensor) => tf.cast(tf.clipByValue(share, 0, last), "int32");
    const counts = frequencies(
      tf.reshape(place(tf.div(tf.mul(channel, last), 255)), [1, -1]),
      this.bins,
    );
    const upTo = tf.cumsum(tf.reshape(counts, [-1]));
    // The least frequency above 0 comes first, and the last is the number of pixels.
    const all = tf.max(upTo);
    const first = tf.min(tf.where(tf.greater(upTo, 0), upTo, tf.fill([this.bins], 2 ** 31)));
    const rest = tf.sub(all, first);
    const share = tf.div(tf.mul(tf.sub(upTo, first), 255), tf.maximum(rest, 1));
    const table = tf.clipByValue(tf.round(share), 0, 255);
    const equalized = tf.gather(table, place(tf.mul(tf.div(channel, 255), last)));
    const tones = tf.sum(tf.cast(tf.greater(counts, 0), "float32"));
    return tf.where(tf.lessEqual(tones, 1), channel, equalized);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), bins: this.bins };
  }
}

/**
 * How often each number from 0 on comes in each row.
 *
 * @param rows int32 `[rows, numbers]`.
 * @returns float32 `[rows, size]`; the caller disposes it.
 */
export function frequencies(rows: Tensor, size: number): Tensor {
  return tf.tidy(() => {
    const none = tf.tensor1d([]);
    const attrs = {
      Tidx: { type: DType.int32 },
      T: { type: DType.float32 },
      binary_output: { bool: false },
    };
    return runKernel("DenseBincount", [rows, tf.scalar(size, "int32"), none], { attrs })[0]!;
  });
}
