/** Pooling to a given size, whatever the size before. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { type Shape, tf } from "../tfjs";
import type { Config } from "./options";
import { perAxis, type Rank } from "./perAxis";
import { PlainLayer } from "./plainLayer";
import { type DataFormat, type DataFormatOptions, dataFormatOf, spatialAxes } from "./spatialLayer";

/** Options of `layers.adaptiveAveragePooling2d` and the like. */
export interface AdaptivePoolingOptions extends DataFormatOptions {
  /** How many steps, rows and columns, or planes, rows and columns are left: one for all, or one for each. */
  outputSize: number | number[];
}

/** Makes each axis as long as asked for, of windows that overlap where they must. */
abstract class AdaptivePooling extends PlainLayer {
  private readonly dataFormat: DataFormat;
  private readonly outputSize: number[];
  private readonly axes: number[];

  constructor(options: AdaptivePoolingOptions, rank: Rank) {
    super(options);
    this.dataFormat = dataFormatOf(options.dataFormat);
    this.outputSize = perAxis("outputSize", options.outputSize, { rank });
    this.axes = spatialAxes(rank, this.dataFormat);
    this.inputSpec = [{ ndim: rank + 2 }];
  }

  protected override compute(input: Tensor): Tensor {
    return this.axes.reduce((x, axis, i) => this.pool(x, axis, this.outputSize[i]!), input);
  }

  private pool(input: Tensor, axis: number, size: number): Tensor {
    const before = input.shape[axis]!;
    const starts = Array.from({ length: size }, (_, i) => Math.floor((i * before) / size));
    const ends = starts.map((_, i) => Math.ceil(((i + 1) * before) / size));
    const length = Math.max(...ends.map((end, i) => end - starts[i]!));
    const places = starts.flatMap((start) => Array.from({ length }, (_, k) => start + k));
    const inWindow = places.map((place, i) => place < ends[Math.floor(i / length)]!);
    const kept = tf.gather(
      input,
      places.map((place) => Math.min(place, before - 1)),
      axis,
    );
    const windows = tf.reshape(kept, split(input.shape, axis, [size, length]));
    const ones = input.shape.map(() => 1);
    const mask = tf.tensor(inWindow, split(ones, axis, [size, length]), "bool");
    return this.reduce(windows, mask, axis + 1);
  }

  /** Makes one value of each window along an axis, of what the mask is true for. */
  protected abstract reduce(windows: Tensor, mask: Tensor, axis: number): Tensor;

  protected override shapeAfter(shape: Shape): Shape {
    return shape.map((size, axis) => this.outputSize[this.axes.indexOf(axis)] ?? size);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    const { dataFormat, outputSize } = this;
    return { ...super.getConfig(), outputSize, dataFormat };
  }
}

const split = (shape: number[], axis: number, sizes: number[]) =>
  shape.toSpliced(axis, 1, ...sizes);

abstract class AdaptiveAverage extends AdaptivePooling {
  protected override reduce(windows: Tensor, mask: Tensor, axis: number): Tensor {
    const weights = tf.cast(mask, "float32");
    return tf.div(tf.sum(tf.mul(windows, weights), axis), tf.sum(weights, axis));
  }
}

abstract class AdaptiveMax extends AdaptivePooling {
  protected override reduce(windows: Tensor, mask: Tensor, axis: number): Tensor {
    return tf.max(tf.where(mask, windows, tf.scalar(-Infinity)), axis);
  }
}

/** Averages windows of sequences. */
export class AdaptiveAveragePooling1D extends AdaptiveAverage {
  /** Keras' name of the class. */
  static className = "AdaptiveAveragePooling1D";

  constructor(options: AdaptivePoolingOptions) {
    super(options, 1);
  }
}

/** Averages windows of pictures. */
export class AdaptiveAveragePooling2D extends AdaptiveAverage {
  /** Keras' name of the class. */
  static className = "AdaptiveAveragePooling2D";

  constructor(options: AdaptivePoolingOptions) {
    super(options, 2);
  }
}

/** Averages windows of volumes. */
export class AdaptiveAveragePooling3D extends AdaptiveAverage {
  /** Keras' name of the class. */
  static className = "AdaptiveAveragePooling3D";

  constructor(options: AdaptivePoolingOptions) {
    super(options, 3);
  }
}

/** Takes the largest value of windows of sequences. */
export class AdaptiveMaxPooling1D extends AdaptiveMax {
  /** Keras' name of the class. */
  static className = "AdaptiveMaxPooling1D";

  constructor(options: AdaptivePoolingOptions) {
    super(options, 1);
  }
}

/** Takes the largest value of windows of pictures. */
export class AdaptiveMaxPooling2D extends AdaptiveMax {
  /** Keras' name of the class. */
  static className = "AdaptiveMaxPooling2D";

  constructor(options: AdaptivePoolingOptions) {
    super(options, 2);
  }
}

/** Takes the largest value of windows of volumes. */
export class AdaptiveMaxPooling3D extends AdaptiveMax {
  /** Keras' name of the class. */
  static className = "AdaptiveMaxPooling3D";

  constructor(options: AdaptivePoolingOptions) {
    super(options, 3);
  }
}

/** All of them. */
export const adaptivePoolings = [
  AdaptiveAveragePooling1D,
  AdaptiveAveragePooling2D,
  AdaptiveAveragePooling3D,
  AdaptiveMaxPooling1D,
  AdaptiveMaxPooling2D,
  AdaptiveMaxPooling3D,
];
