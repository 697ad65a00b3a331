/** Pooling of sequences whose features may come first; tfjs has those that come last. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkOneOf } from "../checks";
import { baseClass, type Config, type Layer, type Shape, tf } from "../tfjs";
import type { ConvolutionClass } from "./flatConv";
import { perAxis } from "./perAxis";
import { oneInput, oneShape } from "./plainLayer";
import { type DataFormat, type DataFormatOptions, dataFormatOf } from "./spatialLayer";

/** Options of `layers.averagePooling1d` and `layers.maxPooling1d`. */
export interface SequencePoolingOptions extends DataFormatOptions {
  /** How many steps a window has. @default 2 */
  poolSize?: number | [number];
  /** How far the window moves. @default as `poolSize` */
  strides?: number | [number] | null;
  /** Where the window ends: with `"same"` also beyond the last step. @default "valid" */
  padding?: "valid" | "same";
}

/** A sequence with its features at the other end. */
const turned = (sequences: Tensor): Tensor => tf.transpose(sequences, [0, 2, 1]);

function sequencePooling(className: "AveragePooling1D" | "MaxPooling1D"): ConvolutionClass {
  return class extends baseClass(className) {
    /** Keras' name of the class. */
    static className = className;
    private readonly dataFormat: DataFormat;

    constructor(config: Config) {
      const poolSize = perAxis("poolSize", config.poolSize, { rank: 1, byDefault: 2 });
      const strides = perAxis("strides", config.strides, { rank: 1, byDefault: poolSize[0]! });
      checkOneOf("padding", config.padding ?? undefined, ["valid", "same"]);
      super({ ...config, poolSize, strides });
      this.dataFormat = dataFormatOf(config.dataFormat as DataFormat | undefined);
    }

    private get isTurned(): boolean {
      return this.dataFormat === "channelsFirst";
    }

    override call(inputs: Tensor | Tensor[], kwargs: Parameters<Layer["call"]>[1]) {
      if (!this.isTurned) return super.call(inputs, kwargs);
      return tf.tidy(() => turned(super.call(turned(oneInput(inputs)), kwargs) as Tensor));
    }

    override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
      if (!this.isTurned) return super.computeOutputShape(inputShape);
      const [batch, features, steps] = oneShape(inputShape) as [null, number, number];
      const [, after] = super.computeOutputShape([batch, steps, features]) as Shape;
      return [batch, features, after!];
    }

    override getConfig() {
      return { ...super.getConfig(), dataFormat: this.dataFormat };
    }
  };
}

/** Averages of windows of steps. */
export const AveragePooling1D = sequencePooling("AveragePooling1D");
/** The largest value of windows of steps. */
export const MaxPooling1D = sequencePooling("MaxPooling1D");
