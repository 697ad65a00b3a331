/** Sequences, pictures and volumes made larger by whole factors, as Keras does it. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { baseClass, type Layer, tf } from "../tfjs";
import { type CommonLayerOptions, type Config, oneOf } from "./options";
import { perAxis, type Rank } from "./perAxis";
import { oneInput } from "./plainLayer";
import { resizeImages } from "./resize";
import { type DataFormatOptions, dataFormatOf, SpatialLayer } from "./spatialLayer";

/** Options of `layers.upSampling1d`. */
export interface UpSampling1DOptions extends CommonLayerOptions {
  /** How often each step is repeated. @default 2 */
  size?: number;
}

/** Options of `layers.upSampling2d`. */
export interface UpSampling2DOptions extends DataFormatOptions {
  /** How much larger pictures become: one factor, or one for rows and one for columns. @default 2 */
  size?: number | [rows: number, columns: number];
  /** How pixels between pixels are found. @default "nearest" */
  interpolation?: "nearest" | "bilinear" | "bicubic" | "lanczos3" | "lanczos5";
}

/** Options of `layers.upSampling3d`. */
export interface UpSampling3DOptions extends DataFormatOptions {
  /** How often each place is repeated: one factor, or one for each axis. @default 2 */
  size?: number | [planes: number, rows: number, columns: number];
}

abstract class UpSampling extends SpatialLayer {
  protected readonly size: number[];

  constructor(options: UpSampling1DOptions | UpSampling3DOptions, rank: Rank) {
    super(options, rank);
    this.size = perAxis("size", options.size, { rank, byDefault: 2 });
  }

  protected override compute(input: Tensor): Tensor {
    return this.size.reduce((x, times, i) => repeat(x, this.axes[i]!, times), input.clone());
  }

  protected override sizeAfter(size: number, i: number): number {
    return size * this.size[i]!;
  }
}

/** Repeats what is at each place of an axis. */
function repeat(x: Tensor, axis: number, times: number): Tensor {
  if (times === 1) return x;
  // Of three axes, whatever the rank: tfjs' gradient knows no more than four.
  const count = (sizes: number[]) => sizes.reduce((all, size) => all * size, 1);
  const places = count(x.shape.slice(0, axis + 1));
  const apart = tf.reshape(x, [places, 1, count(x.shape.slice(axis + 1))]);
  return tf.reshape(
    tf.tile(apart, [1, times, 1]),
    x.shape.map((size, i) => (i === axis ? size * times : size)),
  );
}

/** Repeats each step of sequences. */
export class UpSampling1D extends UpSampling {
  /** Keras' name of the class. */
  static className = "UpSampling1D";

  constructor(options: UpSampling1DOptions = {}) {
    super(options, 1);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), size: this.size[0]! };
  }
}

/** Repeats each place of volumes. */
export class UpSampling3D extends UpSampling {
  /** Keras' name of the class. */
  static className = "UpSampling3D";

  constructor(options: UpSampling3DOptions = {}) {
    super(options, 3);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), size: this.size };
  }
}

const interpolations = ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"] as const;

/** Makes pictures larger; tfjs has the first two interpolations. */
export class UpSampling2D extends baseClass("UpSampling2D") {
  /** Keras' name of the class. */
  static className = "UpSampling2D";
  private readonly method: (typeof interpolations)[number];

  constructor(options: UpSampling2DOptions = {}) {
    const size = perAxis("size", options.size, { rank: 2, byDefault: 2 });
    const method = oneOf("interpolation", options.interpolation, {
      allowed: interpolations,
      byDefault: "nearest",
    });
    const known = method === "nearest" ? method : "bilinear";
    super({ ...options, size, dataFormat: dataFormatOf(options.dataFormat), interpolation: known });
    this.method = method;
  }

  /** Computes the layer's output; the caller disposes it. */
  override call(inputs: Tensor | Tensor[], kwargs: Parameters<Layer["call"]>[1]) {
    const { method } = this;
    if (method === "nearest" || method === "bilinear") return super.call(inputs, kwargs);
    return tf.tidy(() => {
      const isFirst = this.dataFormat === "channelsFirst";
      const input = oneInput(inputs);
      const images = (isFirst ? tf.transpose(input, [0, 2, 3, 1]) : input.clone()) as Tensor4D;
      const [, rows, columns] = images.shape;
      const size = { height: rows * this.size[0], width: columns * this.size[1] };
      const enlarged = resizeImages(images, size, { method, antialias: false });
      return isFirst ? tf.transpose(enlarged, [0, 3, 1, 2]) : enlarged;
    });
  }

  /** The layer's options, as plain data. */
  override getConfig() {
    return { ...super.getConfig(), interpolation: this.method };
  }
}
