/**
 * Convolutions of volumes with a dilation, computed and trained as TensorFlow's Python does it.
 *
 * As for pictures, TensorFlow's kernels for a processor have none: of every d-th plane, row and column a volume is made,
 * on which the convolution has no gaps.
 */
import type { Tensor, Tensor5D } from "@tensorflow/tfjs-node-gpu";
import * as tf from "./tfjs";

type Conv3DInfo = Parameters<typeof tf.backend_util.computeConv3DInfo>;

/** How tfjs describes such a convolution. */
interface Settings {
  strides: Conv3DInfo[2];
  pad: Conv3DInfo[4];
  dilations: Conv3DInfo[3];
}

/** Gives dilated convolutions of volumes their values, and a gradient. */
export function dilateVolumes(): void {
  const { kernelFunc, ...config } = tf.getKernel("Conv3D", "tensorflow");
  tf.unregisterKernel("Conv3D", "tensorflow");
  tf.registerKernel({
    ...config,
    kernelFunc: (call) => {
      const settings = call.attrs as unknown as Settings;
      if (!isDilated(settings)) return kernelFunc(call);
      const { x, filter } = call.inputs as unknown as { x: Tensor5D; filter: Tensor5D };
      return tf.tidy(() => dilated(x, filter, settings));
    },
  });
  const { gradFunc, ...gradient } = tf.getGradient("Conv3D");
  tf.unregisterGradient("Conv3D");
  tf.registerGradient({
    ...gradient,
    gradFunc: (dy, saved, attrs) => {
      const settings = attrs as unknown as Settings;
      if (!isDilated(settings)) return gradFunc(dy, saved, attrs);
      const [x, filter] = saved as [Tensor5D, Tensor5D];
      return gradients({ x, filter, dy: dy as Tensor5D }, settings);
    },
  });
}

function isDilated({ dilations }: Settings): boolean {
  return [dilations ?? 1].flat().some((rate) => rate !== 1);
}

/** How volumes are taken apart, and put together again; there are no strides with a dilation. */
function takenApart(x: Tensor5D, filter: Tensor5D, { strides, pad, dilations }: Settings) {
  const info = tf.backend_util.computeConv3DInfo(x.shape, filter.shape, strides, dilations, pad);
  const { front, back, top, bottom, left, right } = info.padInfo;
  const block = [info.dilationDepth, info.dilationHeight, info.dilationWidth];
  const around = [
    [front, back],
    [top, bottom],
    [left, right],
  ] as const;
  const sizes = x.shape.slice(1, 4).map((size, i) => size + around[i]![0] + around[i]![1]);
  const extra = sizes.map((size, i) => (block[i]! - (size % block[i]!)) % block[i]!);
  return {
    block,
    paddings: around.map(([before, after], i) => [before, after + extra[i]!]),
    crops: extra.map((count) => [0, count]),
    /** Of a part. */
    sizes: sizes.map((size, i) => (size + extra[i]!) / block[i]!),
  };
}

function dilated(x: Tensor5D, filter: Tensor5D, settings: Settings): Tensor {
  const { block, paddings, crops } = takenApart(x, filter, settings);
  const apart = tf.spaceToBatchND(x, block, paddings);
  return tf.batchToSpaceND(tf.conv3d(apart as Tensor5D, filter, 1, "valid"), block, crops);
}

function gradients(
  { x, filter, dy }: { x: Tensor5D; filter: Tensor5D; dy: Tensor5D },
  settings: Settings,
) {
  const { block, paddings, crops, sizes } = takenApart(x, filter, settings);
  const [batch, , , , channels] = x.shape;
  const apart = tf.spaceToBatchND(dy, block, crops);
  const plain = { strides: [1, 1, 1], pad: "valid" };
  const run = (name: string, inputs: Record<string, Tensor>, shapes: Record<string, number[]>) =>
    tf.engine().runKernel<Tensor>(`Conv3DBackprop${name}V2`, inputs, { ...plain, ...shapes });
  return {
    x: () => {
      const parts = block.reduce((product, rate) => product * rate, batch);
      const inputShape = [parts, ...sizes, channels];
      return tf.batchToSpaceND(
        run("Input", { dy: apart, filter }, { inputShape }),
        block,
        paddings,
      );
    },
    filter: () => {
      const inputs = { x: tf.spaceToBatchND(x, block, paddings), dy: apart };
      return run("Filter", inputs, { filterShape: filter.shape });
    },
  };
}
