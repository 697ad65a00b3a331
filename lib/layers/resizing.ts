/** Layers that give images a fixed size. */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, checkNumber, checkWhole } from "../checks";
import { InvalidArgumentError } from "../errors";
import { runsInModel, tf } from "../tfjs";
import { asBatch, checkImages, resizedShape } from "./imageLayer";
import { type CommonLayerOptions, type Config, oneOf } from "./options";
import {
  centredWindow,
  cutOut,
  padToAspect,
  type ResizeMethod,
  resizeImages,
  resizeMethods,
  type Size,
} from "./resize";
import { type DataFormat, dataFormatOf } from "./spatialLayer";

/** Options of `layers.centerCrop`. */
export interface SizeOptions extends CommonLayerOptions {
  /** Height of the resulting images. */
  height: number;
  /** Width of the resulting images. */
  width: number;
  /** Where the channels are: last, or before rows and columns. @default "channelsLast" */
  dataFormat?: DataFormat | null;
}

/** Options of `layers.resizing`. */
export interface ResizingOptions extends SizeOptions {
  /** How pixels between pixels are found. @default "bilinear" */
  interpolation?: ResizeMethod;
  /** Whether to cut off what does not fit the new aspect ratio, instead of distorting. @default false */
  cropToAspectRatio?: boolean;
  /** Whether to add margins to fit the new aspect ratio, instead of distorting. @default false */
  padToAspectRatio?: boolean;
  /** What the margins are: only `"constant"`. @default "constant" */
  fillMode?: "constant";
  /** Value of the margins. @default 0 */
  fillValue?: number;
  /** Whether to average over the pixels that a smaller image leaves out. @default false */
  antialias?: boolean;
}

/** A layer whose images all get one size. */
abstract class SizeLayer extends tf.layers.Layer {
  protected readonly size: Size;
  protected readonly dataFormat: DataFormat;

  constructor(options: SizeOptions) {
    super(options as ConstructorParameters<typeof tf.layers.Layer>[0]);
    this.dataFormat = dataFormatOf(options.dataFormat);
    const { height, width } = options;
    checkWhole("height", height, { low: 1, required: true });
    checkWhole("width", width, { low: 1, required: true });
    this.size = { height, width };
  }

  /** Computes the layer's output; the caller disposes it. */
  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const input = Array.isArray(inputs) ? inputs[0]! : inputs;
      checkImages(input);
      // As Keras' do: whole numbers stay whole numbers only outside of a model.
      return this.fit(runsInModel() ? tf.cast(input, "float32") : input);
    });
  }

  protected abstract fit(input: Tensor): Tensor;

  /** The output's shape for an input's, `null` for what may vary. */
  override computeOutputShape(inputShape: (number | null)[] | (number | null)[][]) {
    return resizedShape(inputShape, this.size, this.dataFormat);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), ...this.size, dataFormat: this.dataFormat };
  }
}

/**
 * Resizes images. Outside of a model whole numbers stay whole numbers; in one they become float32.
 *
 * tfjs' own layer aligns corners, which Keras does not, ignores `cropToAspectRatio`, and reports a wrong
 * output shape.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_preprocessing/resizing/
 */
export class Resizing extends SizeLayer {
  /** Keras' name of the class. */
  static className = "Resizing";
  private readonly options: Required<Omit<ResizingOptions, keyof SizeOptions>>;

  constructor(options: ResizingOptions) {
    super(options);
    for (const name of ["cropToAspectRatio", "padToAspectRatio", "antialias"] as const) {
      checkBoolean(name, options[name]);
    }
    checkNumber("fillValue", options.fillValue);
    this.options = {
      interpolation: oneOf("interpolation", options.interpolation, {
        allowed: resizeMethods,
        byDefault: "bilinear",
      }),
      cropToAspectRatio: options.cropToAspectRatio ?? false,
      padToAspectRatio: options.padToAspectRatio ?? false,
      fillMode: oneOf("fillMode", options.fillMode, {
        allowed: ["constant"],
        byDefault: "constant",
      }),
      fillValue: options.fillValue ?? 0,
      antialias: options.antialias ?? false,
    };
    if (this.options.cropToAspectRatio && this.options.padToAspectRatio) {
      throw new InvalidArgumentError(
        "Only one of `cropToAspectRatio` and `padToAspectRatio` can be true.",
      );
    }
  }

  protected override fit(input: Tensor): Tensor {
    const whole = input.dtype !== "float32";
    const resize = (images: Tensor4D) => {
      const { interpolation: method, antialias } = this.options;
      return resizeImages(this.shaped(images), this.size, { method, antialias });
    };
    const resized = asBatch(whole ? tf.cast(input, "float32") : input, resize, this.dataFormat);
    return whole ? tf.cast(tf.round(resized), input.dtype) : resized;
  }

  /** The images with the target's aspect ratio, if that is wanted. */
  private shaped(images: Tensor4D): Tensor4D {
    const { cropToAspectRatio, padToAspectRatio, fillValue } = this.options;
    const [, height, width] = images.shape;
    if (cropToAspectRatio) return cutOut(images, centredWindow({ height, width }, this.size));
    return padToAspectRatio ? padToAspect(images, this.size, { fillValue }) : images;
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return { ...super.getConfig(), ...this.options };
  }
}

/**
 * Cuts out the middle of images; smaller images are enlarged first.
 *
 * tfjs' own layer samples a window of another place and size.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_preprocessing/center_crop/
 */
export class CenterCrop extends SizeLayer {
  /** Keras' name of the class. */
  static className = "CenterCrop";

  constructor(options: SizeOptions) {
    super(options);
  }

  protected override fit(input: Tensor): Tensor {
    const { height, width } = this.size;
    const crop = (images: Tensor4D) => {
      const [, rows, columns] = images.shape;
      const top = Math.floor((rows - height) / 2);
      const left = Math.floor((columns - width) / 2);
      if (rows >= height && columns >= width) {
        return cutOut(images, { top, left, height, width });
      }
      const window = centredWindow({ height: rows, width: columns }, this.size);
      const method = { method: "bilinear", antialias: false } as const;
      return resizeImages(cutOut(images, window), this.size, method);
    };
    return asBatch(
      input.dtype === "float32" ? input : tf.cast(input, "float32"),
      crop,
      this.dataFormat,
    );
  }
}
