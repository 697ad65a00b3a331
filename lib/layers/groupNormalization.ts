/** Normalization by groups of channels, on the weights of `LayerNormalization`. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkWhole } from "../checks";
import { invalidArgument } from "../errors";
import { type Shape, tf } from "../tfjs";
import { LayerNormalization, type LayerNormalizationOptions } from "./layerNormalization";
import { oneInput, oneShape } from "./plainLayer";

/** Options of `layers.groupNormalization`. */
export interface GroupNormalizationOptions
  extends Omit<LayerNormalizationOptions, "axis" | "rmsScaling"> {
  /** Into how many groups the channels are divided; -1 for as many as there are channels. @default 32 */
  groups?: number;
  /** Where the channels are. @default -1 */
  axis?: number;
}

/**
 * Brings the channels of a group to mean 0 and deviation 1, in each example by itself.
 *
 * @see Wu and He, "Group normalization", ECCV 2018
 */
export class GroupNormalization extends LayerNormalization {
  /** Keras' name of the class. */
  static override className = "GroupNormalization";
  private readonly groups: number;
  private readonly channelAxis: number;

  constructor(options: GroupNormalizationOptions = {}) {
    const { groups = 32, axis = -1, ...others } = options;
    checkWhole("groups", groups, { low: groups === -1 ? -1 : 1 });
    checkWhole("axis", axis);
    super({ ...others, axis });
    this.supportsMasking = true;
    this.groups = groups;
    this.channelAxis = axis;
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = oneShape(inputShape);
    const channels = shape.at(this.channelAxis);
    const groups = this.groups === -1 ? channels : this.groups;
    if (channels == null || channels % groups! !== 0) {
      throw invalidArgument("groups", {
        expected: `a divisor of the ${channels ?? "unknown"} channels of the input`,
        received: this.groups,
      });
    }
    super.build(inputShape);
  }

  /** Computes the layer's output; the caller disposes it. */
  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const input = oneInput(inputs);
      const axis = this.channelAxis < 0 ? this.channelAxis + input.rank : this.channelAxis;
      const channels = input.shape[axis]!;
      const groups = this.groups === -1 ? channels : this.groups;
      const split = (sizes: number[]) => {
        const [before, after] = [sizes.slice(0, axis), sizes.slice(axis + 1)];
        return [...before, groups, channels / groups, ...after];
      };
      const grouped = tf.reshape(input, split(input.shape));
      const axes = grouped.shape.map((_, i) => i).filter((i) => i !== 0 && i !== axis);
      const { mean, variance } = tf.moments(grouped, axes, true);
      const ofChannels = split(input.shape.map(() => 1));
      const { gamma, beta } = this.learnt;
      const root = tf.rsqrt(tf.add(variance, this.addedToVariance));
      const inverse =
        gamma === undefined ? root : tf.mul(root, tf.reshape(gamma.read(), ofChannels));
      const shifted = tf.neg(tf.mul(mean, inverse));
      const rest =
        beta === undefined ? shifted : tf.add(shifted, tf.reshape(beta.read(), ofChannels));
      return tf.reshape(tf.add(tf.mul(grouped, inverse), rest), input.shape);
    });
  }

  /** The layer's options, as plain data. */
  override getConfig() {
    return { ...super.getConfig(), axis: this.channelAxis, groups: this.groups };
  }
}
