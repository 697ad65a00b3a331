/** Global pooling with `keepdims`, and of volumes; tfjs has neither. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean } from "../checks";
import { type Layer, type Shape, tf } from "../tfjs";
import { type CommonLayerOptions, type Config, oneOf } from "./options";
import { PlainLayer } from "./plainLayer";

/** Options of `layers.globalAveragePooling2d` and the like. */
export interface GlobalPoolingOptions extends CommonLayerOptions {
  /** Whether what was pooled stays as axes of size 1. @default false */
  keepdims?: boolean;
  /** Where the channels are: last, or before steps, rows and columns. @default "channelsLast" */
  dataFormat?: "channelsLast" | "channelsFirst" | null;
}

/** Makes one value of each channel. */
abstract class GlobalPooling extends PlainLayer {
  private readonly keepdims: boolean;
  private readonly dataFormat: "channelsLast" | "channelsFirst";
  protected abstract readonly rank: number;

  constructor(options: GlobalPoolingOptions) {
    super(options);
    checkBoolean("keepdims", options.keepdims ?? undefined);
    this.keepdims = options.keepdims ?? false;
    this.dataFormat = oneOf("dataFormat", options.dataFormat, {
      allowed: ["channelsLast", "channelsFirst"],
      byDefault: "channelsLast",
    });
  }

  override build(inputShape: Shape | Shape[]): void {
    this.inputSpec = [{ ndim: this.rank + 2 }];
    super.build(inputShape);
  }

  protected abstract reduce(input: Tensor, axes: number[], keepdims: boolean): Tensor;

  private axes(): number[] {
    const first = this.dataFormat === "channelsFirst" ? 2 : 1;
    return Array.from({ length: this.rank }, (_, i) => first + i);
  }

  protected override compute(input: Tensor, kwargs: Parameters<Layer["call"]>[1]): Tensor {
    const mask = kwargs.mask as Tensor | null | undefined;
    const axes = this.axes();
    if (mask == null) return this.reduce(input, axes, this.keepdims);
    return this.reduceMasked(input, mask, { axes, keepdims: this.keepdims });
  }

  /** Only averages of sequences look at a mask. */
  protected reduceMasked(
    input: Tensor,
    _mask: Tensor,
    { axes, keepdims }: { axes: number[]; keepdims: boolean },
  ): Tensor {
    return this.reduce(input, axes, keepdims);
  }

  protected override shapeAfter(shape: Shape): Shape {
    const axes = this.axes();
    if (this.keepdims) return shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    return shape.filter((_, axis) => !axes.includes(axis));
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    const { dataFormat, keepdims } = this;
    return { ...super.getConfig(), dataFormat, keepdims };
  }
}

abstract class GlobalAverage extends GlobalPooling {
  protected override reduce(input: Tensor, axes: number[], keepdims: boolean): Tensor {
    return tf.mean(input, axes, keepdims);
  }
}

abstract class GlobalMax extends GlobalPooling {
  protected override reduce(input: Tensor, axes: number[], keepdims: boolean): Tensor {
    return tf.max(input, axes, keepdims);
  }
}

/** Averages the time steps of each feature; those that are masked don't count. */
export class GlobalAveragePooling1D extends GlobalAverage {
  /** Keras' name of the class. */
  static className = "GlobalAveragePooling1D";
  protected override readonly rank = 1;

  protected override reduceMasked(
    input: Tensor,
    mask: Tensor,
    { axes, keepdims }: { axes: number[]; keepdims: boolean },
  ): Tensor {
    const isKept = tf.expandDims(mask, axes[0] === 1 ? 2 : 1);
    const kept = tf.where(isKept, input, tf.zerosLike(input));
    const count = tf.sum(tf.cast(isKept, "float32"), axes, keepdims);
    return tf.div(tf.sum(kept, axes, keepdims), count);
  }
}

/** Averages each channel of pictures. */
export class GlobalAveragePooling2D extends GlobalAverage {
  /** Keras' name of the class. */
  static className = "GlobalAveragePooling2D";
  protected override readonly rank = 2;
}

/** Averages each channel of volumes. */
export class GlobalAveragePooling3D extends GlobalAverage {
  /** Keras' name of the class. */
  static className = "GlobalAveragePooling3D";
  protected override readonly rank = 3;
}

/** Takes the largest value of each feature of sequences. */
export class GlobalMaxPooling1D extends GlobalMax {
  /** Keras' name of the class. */
  static className = "GlobalMaxPooling1D";
  protected override readonly rank = 1;
}

/** Takes the largest value of each channel of pictures. */
export class GlobalMaxPooling2D extends GlobalMax {
  /** Keras' name of the class. */
  static className = "GlobalMaxPooling2D";
  protected override readonly rank = 2;
}

/** Takes the largest value of each channel of volumes. */
export class GlobalMaxPooling3D extends GlobalMax {
  /** Keras' name of the class. */
  static className = "GlobalMaxPooling3D";
  protected override readonly rank = 3;
}

/** All of them. */
export const globalPoolings = [
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalAveragePooling3D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  GlobalMaxPooling3D,
];
