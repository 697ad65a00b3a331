/** The gradient of a transposed convolution of volumes, which tfjs lacks: it is the convolution itself. */
import type { Tensor, Tensor5D } from "@tensorflow/tfjs-node-gpu";
import * as tf from "./tfjs";

/** How tfjs describes a convolution of volumes without gaps. */
interface Settings {
  strides: [number, number, number];
  pad: "valid" | "same";
}

/** Lets `tf.conv3dTranspose` be trained. */
export function trainTransposedVolumes(): void {
  tf.registerGradient({
    kernelName: "Conv3DBackpropInputV2",
    inputsToSave: ["dy", "filter"],
    gradFunc: (ddx, [dy, filter], attrs) => {
      const { strides, pad } = attrs as unknown as Settings;
      return {
        dy: () => tf.conv3d(ddx as Tensor5D, filter as Tensor5D, strides, pad),
        filter: () =>
          tf
            .engine()
            .runKernel<Tensor>(
              "Conv3DBackpropFilterV2",
              { x: ddx as Tensor, dy: dy! },
              { strides, pad, filterShape: filter!.shape },
            ),
      };
    },
  });
}
