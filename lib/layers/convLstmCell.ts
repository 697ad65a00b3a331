/** The cell of `ConvLSTM1D`, `ConvLSTM2D` and `ConvLSTM3D`: its products are convolutions. */
import type { Tensor, Tensor3D, Tensor4D, Tensor5D } from "@tensorflow/tfjs-node-gpu";
import { invalidArgument } from "../errors";
import { type Config, type Shape, tf } from "../tfjs";
import { LSTMCell } from "./cells";
import { convolutionConfig, refuseStridesWithGaps, type Sizes } from "./convolutionChecks";
import type { Rank } from "./perAxis";

type Padding = "valid" | "same";

/**
 * Gates of a sequence of signals, pictures or volumes, whose channels are the last here.
 *
 * @see Shi et al., https://arxiv.org/abs/1506.04214
 */
export class ConvLSTMCell extends LSTMCell {
  /** Keras' name of the class. */
  static override className = "ConvLSTMCell";
  private readonly sizes: Sizes;
  private readonly padding: Padding;
  private readonly rank: Rank;

  constructor(config: Config, rank: Rank) {
    const { kernelSize, strides, dilationRate, ...checked } = convolutionConfig(config, {
      rank,
      hasFilters: true,
    });
    refuseStridesWithGaps({ kernelSize, strides, dilationRate });
    super({ ...checked, units: config.filters });
    this.sizes = { kernelSize, strides, dilationRate };
    this.padding = (config.padding as Padding | null | undefined) ?? "valid";
    this.rank = rank;
  }

  /** Keras drops another share for each gate. */
  protected override get inputMasks(): number {
    return this.gates;
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = inputShape as Shape;
    if (shape.slice(1).includes(null)) {
      throw invalidArgument("inputShape", {
        expected: "one whose sizes are known, but for those of the batch and of time",
        received: shape,
      });
    }
    this.addWeights(shape.at(-1)!, this.sizes.kernelSize);
  }

  override stateShapes(input: Shape): Shape[] {
    const { kernelSize, strides, dilationRate } = this.sizes;
    const sides = input.slice(1, -1).map((size, i) => {
      if (size === null) return null;
      const seen = this.padding === "same" ? 1 : dilationRate[i]! * (kernelSize[i]! - 1) + 1;
      return Math.floor((size - seen) / strides[i]!) + 1;
    });
    const shape = [input[0]!, ...sides, this.units];
    return [shape, [...shape]];
  }

  /** Of all time steps at once: they are examples like those of a batch. */
  protected override ofInput(x: Tensor, kernel: Tensor): Tensor {
    const sizes = x.shape.slice(-this.rank - 1);
    const leading = x.shape.slice(0, -this.rank - 1);
    const { strides, dilationRate } = this.sizes;
    const options = { strides, dilationRate, padding: this.padding };
    const convolved = convolve(tf.reshape(x, [-1, ...sizes]), kernel, options);
    return tf.reshape(convolved, [...leading, ...convolved.shape.slice(1)]);
  }

  protected override ofState(x: Tensor, kernel: Tensor): Tensor {
    const ones = this.sizes.kernelSize.map(() => 1);
    return convolve(x, kernel, { strides: ones, dilationRate: ones, padding: "same" });
  }
}

function convolve(
  x: Tensor,
  kernel: Tensor,
  options: { strides: number[]; dilationRate: number[]; padding: Padding },
): Tensor {
  const { padding } = options;
  const [strides, rates] = [options.strides, options.dilationRate] as [never, never];
  switch (x.rank) {
    case 3: {
      const [[stride], [rate]] = [options.strides, options.dilationRate];
      return tf.conv1d(x as Tensor3D, kernel as Tensor3D, stride!, padding, "NWC", rate!);
    }
    case 4:
      return tf.conv2d(x as Tensor4D, kernel as Tensor4D, strides, padding, "NHWC", rates);
    default:
      return tf.conv3d(x as Tensor5D, kernel as Tensor5D, strides, padding, "NDHWC", rates);
  }
}
