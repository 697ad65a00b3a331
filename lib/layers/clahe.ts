/** Makes the tones of each part of an image equally frequent, up to a limit. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { checkNumber, checkWhole } from "../checks";
import { invalidArgument } from "../errors";
import { tf } from "../tfjs";
import { bytes, rescaled, unlearnt } from "./colours";
import type { Config } from "./options";
import { frequencies, ToneLayer, type ToneOptions } from "./tones";

/** Options of `layers.contrastLimitedAdaptiveHistogramEqualization`. */
export interface ContrastLimitedAdaptiveHistogramEqualizationOptions extends ToneOptions {
  /** How many times as frequent as on average a tone may be; 0 for no limit. @default 4 */
  clipLimit?: number;
  /** In how many parts rows and columns are cut, each from 1 to 1024. @default [8, 8] */
  tileGridSize?: [number, number];
}

const TONES = 256;

/**
 * Makes the tones of each part of each image equally frequent, at inference too.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/
 * @see Zuiderveld, "Contrast limited adaptive histogram equalization", Graphics Gems IV, 1994
 */
export class ContrastLimitedAdaptiveHistogramEqualization extends ToneLayer {
  /** Keras' name of the class. */
  static className = "ContrastLimitedAdaptiveHistogramEqualization";
  private readonly clipLimit: number;
  private readonly tileGridSize: [number, number];

  constructor(options: ContrastLimitedAdaptiveHistogramEqualizationOptions = {}) {
    super(options);
    checkNumber("clipLimit", options.clipLimit, { low: 0 });
    this.clipLimit = options.clipLimit ?? 4;
    this.tileGridSize = gridOf(options.tileGridSize ?? [8, 8]);
  }

  override perturbBatch(images: Tensor4D): Tensor {
    return unlearnt(images, (x) => this.equalize(x as Tensor4D));
  }

  private equalize(images: Tensor4D): Tensor {
    const values = rescaled(images, this.valueRange, bytes);
    const [gridRows, gridColumns] = this.tileGridSize;
    const [, height, width, channels] = images.shape;
    const down = cut(height, gridRows);
    const along = cut(width, gridColumns);
    const padded = tf.mirrorPad(
      values,
      [
        [0, 0],
        [0, down.size * gridRows - height],
        [0, along.size * gridColumns - width],
        [0, 0],
      ],
      "symmetric",
    );
    const tones = tf.cast(tf.clipByValue(padded, 0, 255), "int32");
    const tables = this.tables(tones, { rows: down.size, columns: along.size });
    const places = tf.add(tones, tf.tensor1d(multiples(channels, TONES), "int32"));
    const batch = tf.reshape(tables, [images.shape[0], -1]);
    const [row, column] = [(gridColumns + 2) * channels * TONES, channels * TONES];
    /** What the table of the part above or below, left or right says of each pixel. */
    const look = (vertical: number[], horizontal: number[]) => {
      const above = tf.tensor3d(vertical.map((y) => [[y * row]]) as never, undefined, "int32");
      const left = tf.tensor2d(horizontal.map((x) => [x * column]) as never, undefined, "int32");
      const index = tf.reshape(tf.add(places, tf.add(above, left)), [images.shape[0], -1]);
      const found = tf.gather(batch, index as never, 1, 1);
      return tf.reshape(found, padded.shape);
    };
    const [lower, right] = [
      tf.tensor3d(down.shares.map((y) => [[y]])),
      tf.tensor2d(along.shares.map((x) => [x])),
    ];
    const between = (one: Tensor, other: Tensor, share: Tensor) =>
      tf.add(tf.mul(one, tf.sub(1, share)), tf.mul(other, share));
    const rows = [down.before, down.after].map((y) =>
      between(look(y, along.before), look(y, along.after), right),
    );
    const mixed = between(rows[0]!, rows[1]!, lower);
    return rescaled(tf.slice(mixed, [0, 0, 0, 0], [-1, height, width, -1]), bytes, this.valueRange);
  }

  /** What each tone becomes in each part, with the outer ones twice: `[batch, rows, columns, channels, tones]`. */
  private tables(tones: Tensor, tile: { rows: number; columns: number }): Tensor {
    const [batch, , , channels] = tones.shape as [number, number, number, number];
    const [gridRows, gridColumns] = this.tileGridSize;
    const split = tf.reshape(tones, [
      ...[batch, gridRows, tile.rows],
      ...[gridColumns, tile.columns, channels],
    ]);
    const area = tile.rows * tile.columns;
    const parts = tf.reshape(tf.transpose(split, [0, 1, 3, 5, 2, 4]), [-1, area]);
    const counts = frequencies(parts, TONES);
    const upTo = tf.cumsum(this.clipLimit > 0 ? this.limited(counts, area) : counts, 1);
    const first = tf.min(upTo, 1, true);
    const rest = tf.sub(area, first);
    const divisor = tf.where(tf.equal(rest, 0), tf.onesLike(rest), rest);
    const share = tf.div(tf.mul(tf.sub(upTo, first), 255), divisor);
    const table = tf.reshape(tf.clipByValue(share, 0, 255), [
      ...[batch, gridRows],
      ...[gridColumns, channels * TONES],
    ]);
    return doubleEnds(doubleEnds(table, 1), 2);
  }

  /** What is above the limit goes to all tones alike. */
  private limited(counts: Tensor, area: number): Tensor {
    const kept = tf.clipByValue(counts, 0, (this.clipLimit * area) / TONES);
    const excess = tf.sum(tf.sub(counts, kept), 1, true);
    return tf.add(kept, tf.div(excess, TONES));
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    const { clipLimit, tileGridSize } = this;
    return { ...super.getConfig(), clipLimit, tileGridSize };
  }
}

/** How pixels lie between the middles of parts: which are before and after each, and how near the second is. */
function cut(pixels: number, parts: number) {
  const size = Math.ceil(pixels / parts);
  const places = Array.from({ length: size * parts }, (_, i) => (i - size / 2) / size + 1);
  const before = places.map((place) => Math.floor(place));
  const after = before.map((part) => Math.min(part + 1, parts + 1));
  return { size, before, after, shares: places.map((place, i) => place - before[i]!) };
}

function doubleEnds(table: Tensor, axis: number): Tensor {
  const last = table.shape[axis]! - 1;
  const one = (at: number) => tf.gather(table, tf.tensor1d([at], "int32"), axis);
  return tf.concat([one(0), table, one(last)], axis);
}

const multiples = (length: number, of: number) => Array.from({ length }, (_, i) => i * of);

function gridOf(value: unknown): [number, number] {
  const isPair = Array.isArray(value) && value.length === 2;
  if (!isPair) {
    throw invalidArgument("tileGridSize", { expected: "two whole numbers", received: value });
  }
  for (const parts of value)
    checkWhole("tileGridSize", parts, { low: 1, high: 1024, required: true });
  return value as [number, number];
}
