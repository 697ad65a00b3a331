/**
 * The TensorFlow graph that turns files into a batch of images.
 *
 * It is made of the kernels, the float32 arithmetic and the roundings that Keras' loader has, so that the pixels are
 * the same to the last bit; where the kernel is ours (bilinear), its arithmetic is theirs. Every image of a batch is a
 * branch of its own, and TensorFlow runs the branches side by side.
 *
 * @see keras/src/utils/image_dataset_utils.py and tensorflow/python/ops/image_ops_impl.py for the semantics
 */

import { GraphBuilder, type Output } from "../../graph";
import { DType } from "../../tfjs";
import { cropped, resizedAndPadded } from "./aspectRatio";
import { asBatch, cast, maximum, minimum } from "./graphOps";
import { resize } from "./interpolate";
import type { ResizeSettings } from "./settings";

/** A built graph: feed `input`, fetch `output`. */
export interface ImageGraph {
  graph: GraphBuilder;
  input: string;
  output: Output;
}

// Image kernels belong on the processor, also where there is a GPU: its resize kernels round otherwise.
const PROCESSOR = "/device:CPU:0";

/** Paths `[count]` string in, images `[count, height, width, channels]` out. */
export function fileGraph(settings: ResizeSettings, count: number): ImageGraph {
  const graph = new GraphBuilder(PROCESSOR);
  const paths = graph.placeholder("paths", DType.string, [count]);
  const unpack = graph.op("Unpack", [paths], {
    attrs: { num: { int: count }, T: { type: DType.string }, axis: { int: 0 } },
  });
  const images = Array.from({ length: count }, (_, index) =>
    decoded(graph, `${unpack}:${index}`, settings.channels),
  );
  return { graph, input: "paths", output: batchOf(graph, images, settings) };
}

function decoded(graph: GraphBuilder, path: Output, channels: number): Output {
  return graph.op("DecodeImage", [graph.op("ReadFile", [path])], {
    attrs: {
      channels: { int: channels },
      dtype: { type: DType.uint8 },
      expand_animations: { bool: false },
    },
  });
}

/** A path `[]` string in, the picture `[height, width, channels]` uint8 out, as large as it is. */
export function decodeGraph(channels: number): ImageGraph {
  const graph = new GraphBuilder(PROCESSOR);
  const path = graph.placeholder("path", DType.string, []);
  return { graph, input: "path", output: decoded(graph, path, channels) };
}

/** One decoded image `[height, width, channels]` uint8 in, a batch of one out. */
export function pixelGraph(settings: ResizeSettings): ImageGraph {
  const graph = new GraphBuilder(PROCESSOR);
  const pixels = graph.placeholder("pixels", DType.uint8, [-1, -1, settings.channels]);
  return { graph, input: "pixels", output: batchOf(graph, [pixels], settings) };
}

function batchOf(graph: GraphBuilder, images: Output[], settings: ResizeSettings): Output {
  return settings.interpolation === "bilinear" && settings.fit !== "pad"
    ? resizedInPlace(graph, images, settings)
    : concatenated(
        graph,
        images.map((image) => resized(graph, image, settings)),
        settings,
      );
}

/** By our own kernel: each image is written straight into its place, and rounded there for uint8. */
function resizedInPlace(graph: GraphBuilder, images: Output[], settings: ResizeSettings): Output {
  const { height, width, channels, fit } = settings;
  const T = { type: DType[settings.dtype] };
  const shape = graph.int32([images.length, height, width, channels]);
  const batch = graph.op("Empty", [shape], { attrs: { dtype: T, init: { bool: false } } });
  const written = images.map((image, index) => {
    const part = fit === "crop" ? cropped(graph, image, settings) : image;
    return graph.op("ConvnetsResizeInto", [batch, part], { attrs: { T, index: { int: index } } });
  });
  return graph.op("Identity", [batch], { attrs: { T }, control: written });
}

/** By TensorFlow's kernels, one image after the other put together. */
function concatenated(graph: GraphBuilder, images: Output[], settings: ResizeSettings): Output {
  const made = settings.interpolation === "nearest" ? DType.uint8 : DType.float32;
  let batch = images[0]!;
  if (images.length > 1) {
    batch = graph.op("ConcatV2", [...images, graph.int32(0)], {
      attrs: { N: { int: images.length }, T: { type: made }, Tidx: { type: DType.int32 } },
    });
  }
  if (settings.dtype === "float32") {
    return made === DType.float32 ? batch : cast(graph, batch, made, DType.float32);
  }
  if (made === DType.uint8) return batch;
  const rounded = graph.op("Round", [batch], { attrs: { T: { type: DType.float32 } } });
  const clipped = maximum(
    graph,
    minimum(graph, rounded, graph.float32(255), DType.float32),
    graph.float32(0),
    DType.float32,
  );
  return cast(graph, clipped, DType.float32, DType.uint8);
}

/** One image as a batch of one. */
function resized(graph: GraphBuilder, image: Output, settings: ResizeSettings): Output {
  const { height, width, fit } = settings;
  if (fit === "pad") return resizedAndPadded(graph, image, settings);
  const part = fit === "crop" ? cropped(graph, image, settings) : image;
  return resize(graph, asBatch(graph, part), graph.int32([height, width]), settings.interpolation);
}
