/** Depthwise and separable convolutions of sequences, and separable ones of pictures as Keras makes them. */
import { invalidArgument } from "../errors";
import { baseClass, type Config, initializerOf } from "../tfjs";
import { convolutionConfig } from "./convolutionChecks";
import { flatClass } from "./flatConv";

/** TensorFlow's depthwise kernel has one stride for both axes. */
const alike = (stride: number) => stride;

/** Keras' initializers, where none is given. */
const depthwiseConfig = (config: Config) => ({
  ...convolutionConfig(config, { rank: 1, hasFilters: false }),
  depthwiseInitializer: config.depthwiseInitializer ?? "glorotUniform",
});

/** Convolutions of each channel of sequences by itself. */
export const DepthwiseConv1D = flatClass("DepthwiseConv1D", {
  base: baseClass("DepthwiseConv2D"),
  check: depthwiseConfig,
  rowStride: alike,
});

/** Convolutions of each channel of pictures by itself, and then of all channels at a pixel. */
export class SeparableConv2D extends baseClass("SeparableConv2D") {
  /** Keras' name of the class. */
  static className = "SeparableConv2D";

  constructor(config: Config) {
    const checked = convolutionConfig(config, { rank: 2, hasFilters: true });
    super(checked);
    // tfjs takes the other filters' for these, too.
    this.pointwiseInitializer = initializerOf(config.pointwiseInitializer ?? "glorotUniform");
    const [rows, columns] = checked.strides;
    if (rows === columns) return;
    throw invalidArgument("strides", {
      expected: "the same for rows and columns, as TensorFlow's kernel has it",
      received: config.strides,
    });
  }

  /** The layer's options, as plain data. */
  override getConfig() {
    return { ...super.getConfig(), depthMultiplier: this.depthMultiplier };
  }
}

/** Convolutions of each channel of sequences by itself, and then of all channels at a step. */
export const SeparableConv1D = flatClass("SeparableConv1D", {
  base: SeparableConv2D,
  check: (config) => convolutionConfig(config, { rank: 1, hasFilters: true }),
  rowStride: alike,
});
