/** Zeros around sequences and volumes, and what is cut off them; tfjs has both for pictures only. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { invalidArgument } from "../errors";
import { type Shape, tf } from "../tfjs";
import type { CommonLayerOptions, Config } from "./options";
import { type Borders, bordersOf, type Rank } from "./perAxis";
import { type DataFormatOptions, SpatialLayer } from "./spatialLayer";

/** A number for both ends of an axis, or one for each. @inline */
type Ends = number | [before: number, behind: number];

/** Options of `layers.zeroPadding1d`. */
export interface ZeroPadding1DOptions extends DataFormatOptions {
  /** How many zeros come before and behind: one number, or one for each end. @default 1 */
  padding?: Ends;
}

/** Options of `layers.zeroPadding3d`. */
export interface ZeroPadding3DOptions extends DataFormatOptions {
  /** How many zeros come around: one number, one for each axis, or two for each. @default 1 */
  padding?: number | [planes: Ends, rows: Ends, columns: Ends];
}

/** Options of `layers.cropping1d`. */
export interface Cropping1DOptions extends CommonLayerOptions {
  /** How many steps are cut off before and behind: one number, or one for each end. @default 1 */
  cropping?: Ends;
}

/** Options of `layers.cropping3d`. */
export interface Cropping3DOptions extends DataFormatOptions {
  /** How much is cut off around: one number, one for each axis, or two for each. @default 1 */
  cropping?: number | [planes: Ends, rows: Ends, columns: Ends];
}

/** As Keras writes them. */
const written = (borders: Borders) => (borders.length === 1 ? borders[0]! : borders);

abstract class ZeroPadding extends SpatialLayer {
  private readonly padding: Borders;

  constructor(options: ZeroPadding1DOptions | ZeroPadding3DOptions, rank: Rank) {
    super(options, rank);
    this.padding = bordersOf("padding", options.padding, { rank, byDefault: 1 });
  }

  protected override compute(input: Tensor): Tensor {
    return tf.pad(input, this.onEach(input, this.padding, [0, 0]));
  }

  protected override sizeAfter(size: number, i: number): number {
    const [before, behind] = this.padding[i]!;
    return size + before + behind;
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), padding: written(this.padding) };
  }
}

/** Puts zeros before and behind sequences. */
export class ZeroPadding1D extends ZeroPadding {
  /** Keras' name of the class. */
  static className = "ZeroPadding1D";

  constructor(options: ZeroPadding1DOptions = {}) {
    super(options, 1);
  }
}

/** Puts zeros around volumes. */
export class ZeroPadding3D extends ZeroPadding {
  /** Keras' name of the class. */
  static className = "ZeroPadding3D";

  constructor(options: ZeroPadding3DOptions = {}) {
    super(options, 3);
  }
}

abstract class Cropping extends SpatialLayer {
  private readonly cropping: Borders;

  constructor(options: Cropping1DOptions | Cropping3DOptions, rank: Rank) {
    super(options, rank);
    this.cropping = bordersOf("cropping", options.cropping, { rank, byDefault: 1 });
  }

  protected override compute(input: Tensor): Tensor {
    const begin = this.onEach(
      input,
      this.cropping.map(([before]) => before),
      0,
    );
    return tf.slice(input, begin, this.shapeAfter(input.shape) as number[]);
  }

  protected override shapeAfter(shape: Shape): Shape {
    const after = super.shapeAfter(shape);
    if (after.every((size, i) => size === null || size > 0 || size === shape[i])) return after;
    throw invalidArgument("cropping", {
      expected: `less than the input has, [${shape.map((size) => size ?? "any").join(", ")}]`,
      received: written(this.cropping),
    });
  }

  protected override sizeAfter(size: number, i: number): number {
    const [before, behind] = this.cropping[i]!;
    return size - before - behind;
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), cropping: written(this.cropping) };
  }
}

/** Cuts off the first and last steps of sequences. */
export class Cropping1D extends Cropping {
  /** Keras' name of the class. */
  static className = "Cropping1D";

  constructor(options: Cropping1DOptions = {}) {
    super(options, 1);
  }
}

/** Cuts off what lies around the middle of volumes. */
export class Cropping3D extends Cropping {
  /** Keras' name of the class. */
  static className = "Cropping3D";

  constructor(options: Cropping3DOptions = {}) {
    super(options, 3);
  }
}
