/**
 * Transposed convolutions with all of Keras' options: of sequences, with a size of one's own, and with gaps.
 *
 * TensorFlow's kernels for a processor take no gaps, and Keras fails there; a filter with zeros in its gaps is the same.
 */
import type { Tensor, Tensor4D, Tensor5D } from "@tensorflow/tfjs-node-gpu";
import { invalidArgument } from "../errors";
import { formatBytes } from "../text";
import {
  availableMemory,
  baseClass,
  type Config,
  LARGEST_ARRAY,
  type Layer,
  type Shape,
  tf,
} from "../tfjs";
import { convolutionConfig, refuseStridesWithGaps, type Sizes } from "./convolutionChecks";
import { type ConvolutionClass, flatClass } from "./flatConv";
import { perAxis, type Rank } from "./perAxis";
import { oneInput, oneShape } from "./plainLayer";
import { type DataFormat, spatialAxes } from "./spatialLayer";

/** tfjs' own layer. */
type Own = InstanceType<ReturnType<typeof baseClass<"Conv2DTranspose">>>;

/** Options of a transposed convolution, checked: with sizes for each axis. */
function transposedConfig(
  config: Config,
  rank: Rank,
): Config & Sizes & { outputPadding: number[] | null } {
  const checked = convolutionConfig(config, { rank, hasFilters: true });
  refuseStridesWithGaps(checked);
  const given = config.outputPadding ?? null;
  if (given === null) return { ...checked, outputPadding: null };
  const outputPadding = perAxis("outputPadding", given, { rank, low: 0 });
  const { strides, padding } = checked;
  if (outputPadding.some((size, i) => size >= strides[i]!)) {
    throw invalidArgument("outputPadding", {
      expected: `less than the strides, which are ${JSON.stringify(strides)}`,
      received: given,
    });
  }
  const isEven = checked.kernelSize.map(
    (size, i) => reach(size, checked.dilationRate[i]!) % 2 === 0,
  );
  if (padding === "same" && outputPadding.some((size, i) => size === 0 && isEven[i])) {
    throw invalidArgument("outputPadding", {
      expected: 'at least 1 for padding "same" where the window reaches over an even number',
      received: given,
    });
  }
  return { ...checked, outputPadding };
}

/** Over how many places a window reaches. */
const reach = (size: number, gap: number) => (size - 1) * gap + 1;

function transposedClass(className: "Conv2DTranspose" | "Conv3DTranspose"): ConvolutionClass<Own> {
  const rank = className === "Conv2DTranspose" ? 2 : 3;
  return class extends baseClass(className) {
    /** Keras' name of the class. */
    static className = className;
    private readonly outputPadding: number[] | null;
    private readonly gaps: number[];
    private readonly axes: number[];

    constructor(config: Config) {
      const { outputPadding, ...checked } = transposedConfig(config, rank);
      super({ ...checked, kernelInitializer: checked.kernelInitializer ?? "glorotUniform" });
      this.outputPadding = outputPadding;
      this.gaps = checked.dilationRate;
      this.axes = spatialAxes(rank, this.dataFormat as DataFormat);
    }

    private get channelAxis(): number {
      return this.dataFormat === "channelsFirst" ? 1 : rank + 1;
    }

    override build(inputShape: Shape | Shape[]): void {
      const channels = oneShape(inputShape)[this.channelAxis] ?? 0;
      const bytes = this.kernelSize.reduce(
        (product, size, i) => product * reach(size, this.gaps[i]!),
        4 * channels * this.filters,
      );
      const most = Math.min(LARGEST_ARRAY, availableMemory()) / 4;
      if (Math.max(...this.gaps) > 1 && bytes > most) {
        throw invalidArgument("dilationRate", {
          expected: `so small that filters with zeros in their gaps have at most ${formatBytes(most)}`,
          received: this.gaps,
          hint: `They would have ${formatBytes(bytes)}.`,
        });
      }
      super.build(inputShape);
    }

    override call(inputs: Tensor | Tensor[], kwargs: Parameters<Layer["call"]>[1]) {
      const isPlain = this.outputPadding === null && Math.max(...this.gaps) === 1;
      if (isPlain) return super.call(inputs, kwargs);
      return tf.tidy(() => {
        const input = oneInput(inputs);
        const isFirst = this.dataFormat === "channelsFirst";
        const x = isFirst ? tf.transpose(input, [0, ...this.axes, 1]) : input;
        const after = this.shapeAfter(input.shape) as number[];
        const sizes = [x.shape[0]!, ...this.axes.map((axis) => after[axis]!), this.filters];
        const kernel = withGaps(this.kernel.read(), this.gaps);
        const convolved =
          rank === 2
            ? tf.conv2dTranspose(
                x as Tensor4D,
                kernel as Tensor4D,
                sizes as Tensor4D["shape"],
                this.strides as [number, number],
                this.padding,
              )
            : tf.conv3dTranspose(
                x as Tensor5D,
                kernel as Tensor5D,
                sizes as Tensor5D["shape"],
                this.strides as [number, number, number],
                this.padding,
              );
        const { bias } = this;
        const output: Tensor = bias == null ? convolved : tf.add(convolved, bias.read());
        if (!isFirst) return this.activation.apply(output);
        const back = [0, rank + 1, ...this.axes.map((axis) => axis - 1)];
        return this.activation.apply(tf.transpose(output, back));
      });
    }

    override computeOutputShape(inputShape: Shape | Shape[]): Shape {
      return this.shapeAfter(oneShape(inputShape));
    }

    private shapeAfter(shape: Shape): Shape {
      const sizes = shape.map((size, axis) => {
        const i = this.axes.indexOf(axis);
        return i === -1 || size === null ? size : this.sizeAfter(size, i);
      });
      sizes[this.channelAxis] = this.filters;
      return sizes;
    }

    private sizeAfter(size: number, i: number): number {
      const window = reach(this.kernelSize[i]!, this.gaps[i]!);
      const stride = this.strides[i]!;
      const before = (size - 1) * stride;
      const added = this.outputPadding?.[i];
      if (this.padding === "same") {
        return before + (added === undefined ? stride : (window % 2) + added);
      }
      return before + (added === undefined ? Math.max(window, stride) : window + added);
    }

    override getConfig() {
      const { outputPadding, gaps } = this;
      return { ...super.getConfig(), outputPadding, dilationRate: gaps };
    }
  };
}

/** A filter that reaches as far without gaps: with zeros between its places. */
function withGaps(kernel: Tensor, gaps: number[]): Tensor {
  return gaps.reduce((x, gap, axis) => {
    if (gap === 1) return x;
    const behind = (list: number[]) => [...list.slice(0, axis + 1), 1, ...list.slice(axis + 1)];
    const apart = tf.reshape(x, behind(x.shape));
    const zeros = apart.shape.map((_, i): [number, number] => [0, i === axis + 1 ? gap - 1 : 0]);
    const sizes = (size: number) => x.shape.map((each, i) => (i === axis ? size : each));
    const count = x.shape[axis]!;
    const wide = tf.reshape(tf.pad(apart, zeros), sizes(count * gap));
    const begin = x.shape.map(() => 0);
    return tf.slice(wide, begin, sizes((count - 1) * gap + 1));
  }, kernel);
}

/** Transposed convolutions of pictures. */
export const Conv2DTranspose = transposedClass("Conv2DTranspose");
/** Transposed convolutions of volumes. */
export const Conv3DTranspose = transposedClass("Conv3DTranspose");
/** Transposed convolutions of sequences. */
export const Conv1DTranspose = flatClass("Conv1DTranspose", {
  base: Conv2DTranspose,
  check: (config) => transposedConfig(config, 1),
});
