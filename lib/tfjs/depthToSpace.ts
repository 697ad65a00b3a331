/** The gradient of `tf.depthToSpace`, which tfjs lacks: the pixels go back into their channels. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { DType } from "./binding";
import { runKernel } from "./kernels";
import * as tf from "./tfjs";

/** Lets `tf.depthToSpace` be trained through. */
export function trainDepthToSpace(): void {
  tf.registerGradient({
    kernelName: "DepthToSpace",
    gradFunc: (dy, _saved, attrs) => ({
      x: () => {
        const { blockSize, dataFormat } = attrs as unknown as {
          blockSize: number;
          dataFormat: string;
        };
        return runKernel("SpaceToDepth", [dy as Tensor], {
          attrs: {
            T: { type: DType.float32 },
            block_size: { int: blockSize },
            data_format: { string: dataFormat },
          },
        })[0]!;
      },
    }),
  });
}
