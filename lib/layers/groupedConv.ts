/**
 * Convolutions in groups: each looks at a part of the channels, and makes a part of the filters.
 *
 * TensorFlow's kernel for a processor computes them, but only oneDNN's has their gradients
 * (`findings/grouped-convolutions-gradient.sh`), so that a convolution is made for each group; where each channel is a
 * group, TensorFlow's depthwise convolution is just that.
 */
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { checkWhole } from "../checks";
import { invalidArgument } from "../errors";
import { baseClass, type Config, type Layer, paddedCausally, type Shape, tf } from "../tfjs";
import { convolutionConfig, refuseStridesWithGaps } from "./convolutionChecks";
import type { ConvolutionClass } from "./flatConv";
import type { Rank } from "./perAxis";
import { oneInput, oneShape } from "./plainLayer";

type Call = Parameters<Layer["call"]>[1];

function groupedClass(className: "Conv1D" | "Conv2D" | "Conv3D"): ConvolutionClass {
  const rank = Number(className.at(-2)) as Rank;
  return class extends baseClass(className) {
    /** Keras' name of the class. */
    static className = className;
    private readonly groups: number;

    constructor(config: Config) {
      const paddings = rank === 1 ? ["valid", "same", "causal"] : ["valid", "same"];
      const checked = convolutionConfig(config, { rank, hasFilters: true, paddings });
      refuseStridesWithGaps(checked);
      super({ ...checked, kernelInitializer: config.kernelInitializer ?? "glorotUniform" });
      checkWhole("groups", config.groups ?? undefined, { low: 1 });
      this.groups = Number(config.groups ?? 1);
      if (this.filters % this.groups === 0) return;
      throw invalidArgument("groups", {
        expected: `a divisor of the ${this.filters} filters`,
        received: this.groups,
      });
    }

    override build(inputShape: Shape | Shape[]): void {
      if (this.groups === 1) {
        super.build(inputShape);
        return;
      }
      const shape = oneShape(inputShape);
      const axis = this.channelAxis(shape.length);
      const channels = shape[axis];
      if (channels == null || channels % this.groups !== 0) {
        throw invalidArgument("groups", {
          expected: `a divisor of the ${channels ?? "unknown"} channels of the input`,
          received: this.groups,
        });
      }
      const part = channels / this.groups;
      super.build(shape.map((size, i) => (i === axis ? part : size)));
      this.inputSpec = [{ ndim: shape.length, axes: { [axis]: channels } }];
    }

    private channelAxis(rank: number): number {
      return this.dataFormat === "channelsFirst" ? 1 : rank - 1;
    }

    override call(inputs: Tensor | Tensor[], kwargs: Call): Tensor | Tensor[] {
      if (rank === 1 && this.dataFormat === "channelsFirst") return this.turned(inputs, kwargs);
      if (this.groups === 1) return super.call(inputs, kwargs);
      return tf.tidy(() => {
        const input = oneInput(inputs);
        if (this.padding === "causal") {
          const padded = Object.create(this, { padding: { value: "valid" } });
          return this.call.call(padded, paddedCausally(this, input), kwargs);
        }
        const axis = this.channelAxis(input.rank);
        const isDepthwise = input.shape[axis] === this.groups && axis > 1 && this.rank < 3;
        // TensorFlow's depthwise kernel has one stride for rows and columns.
        const hasOneStride = new Set(this.strides).size === 1;
        const convolved =
          isDepthwise && hasOneStride ? this.depthwise(input) : this.each(input, axis, kwargs);
        const bias = this.bias?.read();
        if (bias === undefined) return this.activation.apply(convolved);
        const sizes = convolved.shape.map((_, i) => (i === axis ? this.filters : 1));
        return this.activation.apply(tf.add(convolved, tf.reshape(bias, sizes)));
      });
    }

    /** Of sequences tfjs takes channels that come first, and gives them last. */
    private turned(inputs: Tensor | Tensor[], kwargs: Call): Tensor {
      return tf.tidy(() => {
        const input = tf.transpose(oneInput(inputs), [0, 2, 1]);
        const ofLast = Object.create(this, {
          dataFormat: { value: "channelsLast" },
          activation: { value: linear },
        });
        const convolved = this.call.call(ofLast, input, kwargs) as Tensor;
        return this.activation.apply(tf.transpose(convolved, [0, 2, 1]));
      });
    }

    /** Each channel by itself: the filters of one stand side by side. */
    private depthwise(input: Tensor): Tensor {
      const isFlat = this.rank === 1;
      const images = isFlat ? tf.expandDims(input, 1) : input;
      const channels = images.shape.at(-1)!;
      const [height, width] = isFlat ? [1, this.kernelSize[0]!] : this.kernelSize;
      const sizes: [number, number, number, number] = [
        ...[height!, width!],
        ...[channels, this.filters / channels],
      ] as [number, number, number, number];
      const kernel = tf.reshape(this.kernel.read(), sizes) as Tensor4D;
      const [stride, rates] = [this.strides[0]!, [this.dilationRate].flat()];
      const rate: [number, number] = isFlat ? [1, rates[0]!] : [rates[0]!, rates.at(-1)!];
      const convolved = tf.depthwiseConv2d(
        images as Tensor4D,
        kernel,
        [stride, stride],
        this.padding as "valid" | "same",
        "NHWC",
        rate,
      );
      return isFlat ? tf.squeeze(convolved, [1]) : convolved;
    }

    /** One convolution for each group. */
    private each(input: Tensor, axis: number, kwargs: Call): Tensor {
      const parts = tf.split(input, this.groups, axis);
      const kernel = this.kernel.read();
      const kernels = tf.split(kernel, this.groups, kernel.rank - 1);
      const outputs = parts.map((part, i) => {
        const group = Object.create(this, {
          kernel: { value: { read: () => kernels[i]! } },
          bias: { value: null },
          activation: { value: linear },
        });
        return super.call.call(group, part, kwargs) as Tensor;
      });
      return tf.concat(outputs, axis);
    }

    override getConfig() {
      // tfjs leaves out where a sequence has its channels.
      return { ...super.getConfig(), groups: this.groups, dataFormat: this.dataFormat };
    }
  };
}

const linear = { getClassName: () => "linear", apply: (x: Tensor): Tensor => x };

/** Convolutions of sequences. */
export const Conv1D = groupedClass("Conv1D");
/** Convolutions of pictures. */
export const Conv2D = groupedClass("Conv2D");
/** Convolutions of volumes. */
export const Conv3D = groupedClass("Conv3D");
