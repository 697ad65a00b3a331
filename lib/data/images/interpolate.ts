/** TensorFlow's kernel for each interpolation, called as Keras calls it. */

import type { GraphBuilder, Output } from "../../graph";
import { DType } from "../../tfjs";
import { divide, toFloat } from "./graphOps";
import type { Interpolation } from "./options";

/** Images `[1, height, width, channels]` uint8 of `size`; float32, but for `"nearest"`, which stays uint8. */
export function resize(
  graph: GraphBuilder,
  images: Output,
  size: Output,
  interpolation: Interpolation,
): Output {
  const T = { type: DType.uint8 };
  const centres = { align_corners: { bool: false }, half_pixel_centers: { bool: true } };
  switch (interpolation) {
    case "bilinear":
      return graph.op("ResizeBilinear", [images, size], { attrs: { T, ...centres } });
    case "nearest":
      return graph.op("ResizeNearestNeighbor", [images, size], { attrs: { T, ...centres } });
    case "bicubic":
      return graph.op("ResizeBicubic", [images, size], { attrs: { T, ...centres } });
    case "area":
      return graph.op("ResizeArea", [images, size], {
        attrs: { T, align_corners: { bool: false } },
      });
    default: {
      const shape = graph.op("Shape", [images], { attrs: { T, out_type: { type: DType.int32 } } });
      const from = graph.op("Slice", [shape, graph.int32([1]), graph.int32([2])], {
        attrs: { T: { type: DType.int32 }, Index: { type: DType.int32 } },
      });
      const scale = divide(graph, toFloat(graph, size), toFloat(graph, from));
      return graph.op("ScaleAndTranslate", [images, size, scale, graph.float32([0, 0])], {
        attrs: { T, kernel_type: { string: interpolation }, antialias: { bool: false } },
      });
    }
  }
}
