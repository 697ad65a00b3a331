/** Convolutions of sequences that tfjs has for pictures only: a sequence is a picture of one row. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { type Config, type Layer, type LayerClass, type Shape, tf } from "../tfjs";
import type { Sizes } from "./convolutionChecks";
import { oneInput, oneShape } from "./plainLayer";

/** A weight, or what is read in its place. */
interface Readable {
  read(): Tensor;
}

/** What such a class needs of the one for pictures. */
interface OfPictures {
  dataFormat: string;
  kernel?: Readable;
  depthwiseKernel?: Readable;
  pointwiseKernel?: Readable;
}

/** A class that tfjs can register; `Parts` are fields that subclasses may use. */
export type ConvolutionClass<Parts = unknown> = LayerClass<Parts> & {
  className: string;
  prototype: Layer;
};

/** What a convolution has for each axis. */
interface PerAxis extends Sizes {
  outputPadding?: number[] | null;
}

/**
 * Makes a class for sequences of one for pictures.
 *
 * @param options.base The one for pictures.
 * @param options.check Checks a configuration, and fills in what was left out.
 * @param options.rowStride The stride of the only row, where TensorFlow wants that of the steps. 1 by default.
 */
export function flatClass(
  className: string,
  {
    base,
    check,
    rowStride = () => 1,
  }: {
    base: LayerClass<OfPictures>;
    check: (config: Config) => Config & PerAxis;
    rowStride?: (stride: number) => number;
  },
): ConvolutionClass {
  return class extends base {
    /** Keras' name of the class. */
    static className = className;
    private readonly ofSteps: PerAxis;

    constructor(config: Config) {
      const checked = check(config);
      const { kernelSize, strides, dilationRate, outputPadding } = checked;
      const [stride] = strides as [number];
      super({
        ...checked,
        kernelSize: [1, ...kernelSize],
        strides: [rowStride(stride), stride],
        dilationRate: [1, ...dilationRate],
        // A row more than there is would need a stride.
        ...(outputPadding && { outputPadding: [0, ...outputPadding] }),
      });
      this.inputSpec = [{ ndim: 3 }];
      this.ofSteps = { kernelSize, strides, dilationRate };
      if (outputPadding !== undefined) this.ofSteps.outputPadding = outputPadding;
    }

    private get rowAxis(): number {
      return this.dataFormat === "channelsFirst" ? 2 : 1;
    }

    private withRow(shape: Shape): Shape {
      return [...shape.slice(0, this.rowAxis), 1, ...shape.slice(this.rowAxis)];
    }

    override build(inputShape: Shape | Shape[]): void {
      const shape = oneShape(inputShape);
      super.build(this.withRow(shape));
      const channels = this.dataFormat === "channelsFirst" ? 1 : 2;
      this.inputSpec = [{ ndim: 3, axes: { [channels]: shape[channels]! } }];
    }

    /** The filters have no row. */
    protected override addWeight(name: string, shape: Shape, ...rest: unknown[]) {
      const flat = shape.length === 4 ? shape.slice(1) : shape;
      return super.addWeight(name, flat, ...(rest as []));
    }

    override call(inputs: Tensor | Tensor[], kwargs: Parameters<Layer["call"]>[1]): Tensor {
      return tf.tidy(() => {
        const filters = (["kernel", "depthwiseKernel", "pointwiseKernel"] as const).flatMap(
          (name) => {
            const weight = this[name];
            const value = { read: () => tf.expandDims(weight!.read(), 0) };
            return weight == null ? [] : [[name, { value }]];
          },
        );
        const ofPictures = Object.create(this, Object.fromEntries(filters));
        const pictures = tf.expandDims(oneInput(inputs), this.rowAxis);
        const output = super.call.call(ofPictures, pictures, kwargs) as Tensor;
        return tf.squeeze(output, [this.rowAxis]);
      });
    }

    override computeOutputShape(inputShape: Shape | Shape[]): Shape {
      const shape = super.computeOutputShape(this.withRow(oneShape(inputShape))) as Shape;
      return shape.filter((_, axis) => axis !== this.rowAxis);
    }

    override getConfig() {
      return { ...super.getConfig(), ...this.ofSteps };
    }
  };
}
