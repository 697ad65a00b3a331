/**
 * The TensorFlow graph that turns files into a batch of images.
 *
 * It is made of the kernels, the float32 arithmetic and the roundings that Keras' loader has, so that the
 * pixels are the same to the last bit. Every image of a batch is a branch of its own, and TensorFlow runs the
 * branches side by side.
 *
 * @see keras/src/utils/image_dataset_utils.py and tensorflow/python/ops/image_ops_impl.py for the semantics
 */
import { DType } from "../../engine";
import { GraphBuilder, type Output } from "../../graph";
import type { Fit, Interpolation } from "./options";

/** What a batch is resized to. */
export interface ResizeSettings {
  height: number;
  width: number;
  channels: 1 | 3 | 4;
  interpolation: Interpolation;
  fit: Fit;
  /** dtype of the pixels that come out: float32 as resized, or uint8, rounded and clipped to [0, 255]. */
  dtype: "uint8" | "float32";
}

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
  const images = Array.from({ length: count }, (_, index) => {
    const bytes = graph.op("ReadFile", [`${unpack}:${index}`]);
    const image = graph.op("DecodeImage", [bytes], {
      attrs: {
        channels: { int: settings.channels },
        dtype: { type: DType.uint8 },
        expand_animations: { bool: false },
      },
    });
    return resized(graph, image, settings);
  });
  return { graph, input: "paths", output: batched(graph, images, settings) };
}

/** One decoded image `[height, width, channels]` uint8 in, a batch of one out. */
export function pixelGraph(settings: ResizeSettings): ImageGraph {
  const graph = new GraphBuilder(PROCESSOR);
  const pixels = graph.placeholder("pixels", DType.uint8, [-1, -1, settings.channels]);
  const images = [resized(graph, pixels, settings)];
  return { graph, input: "pixels", output: batched(graph, images, settings) };
}

/** uint8 in, float32 out, of any shape. */
export function castGraph(): ImageGraph {
  const graph = new GraphBuilder(PROCESSOR);
  const bytes = graph.placeholder("bytes", DType.uint8, [-1, -1, -1, -1]);
  return { graph, input: "bytes", output: cast(graph, bytes, DType.uint8, DType.float32) };
}

function batched(graph: GraphBuilder, images: Output[], settings: ResizeSettings): Output {
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

function resize(
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

/** The largest part in the middle that has the wanted aspect ratio. */
function cropped(graph: GraphBuilder, image: Output, settings: ResizeSettings): Output {
  const [height, width] = lengthsOf(graph, image);
  const rows = cropLength(graph, height, width, settings.height, settings.width);
  const columns = cropLength(graph, width, height, settings.width, settings.height);
  const begin = pack(graph, [
    cropStart(graph, height, rows),
    cropStart(graph, width, columns),
    graph.int32(0),
  ]);
  const size = pack(graph, [rows, columns, graph.int32(-1)]);
  return graph.op("Slice", [image, begin, size], {
    attrs: { T: { type: DType.uint8 }, Index: { type: DType.int32 } },
  });
}

/** As much of `length` as fits: `other · target / otherTarget`, within [1, length]. */
function cropLength(
  graph: GraphBuilder,
  length: Output,
  other: Output,
  target: number,
  otherTarget: number,
): Output {
  const product = graph.op("Mul", [other, graph.int32(target)], {
    attrs: { T: { type: DType.int32 } },
  });
  const wanted = toInt(graph, divide(graph, toFloat(graph, product), divisor(graph, otherTarget)));
  return maximum(graph, minimum(graph, length, wanted, DType.int32), graph.int32(1), DType.int32);
}

function cropStart(graph: GraphBuilder, length: Output, kept: Output): Output {
  const rest = graph.op("Sub", [length, kept], { attrs: { T: { type: DType.int32 } } });
  return toInt(graph, divide(graph, toFloat(graph, rest), divisor(graph, 2)));
}

/** The whole image in the middle, zeros around it. */
function resizedAndPadded(graph: GraphBuilder, image: Output, settings: ResizeSettings): Output {
  const [height, width] = lengthsOf(graph, image).map((length) => toFloat(graph, length)) as [
    Output,
    Output,
  ];
  const targets = {
    height: divisor(graph, settings.height),
    width: divisor(graph, settings.width),
  };
  const ratio = maximum(
    graph,
    divide(graph, width, targets.width),
    divide(graph, height, targets.height),
    DType.float32,
  );
  const rows = padded(graph, divide(graph, height, ratio), targets.height, settings.height);
  const columns = padded(graph, divide(graph, width, ratio), targets.width, settings.width);
  const small = resize(
    graph,
    asBatch(graph, image),
    pack(graph, [rows.length, columns.length]),
    settings.interpolation,
  );
  const none = graph.int32(0);
  const margins = pack(graph, [
    none,
    none,
    rows.before,
    rows.after,
    columns.before,
    columns.after,
    none,
    none,
  ]);
  const paddings = graph.op("Reshape", [margins, graph.int32([4, 2])], {
    attrs: { T: { type: DType.int32 }, Tshape: { type: DType.int32 } },
  });
  const made = settings.interpolation === "nearest" ? DType.uint8 : DType.float32;
  return graph.op("Pad", [small, paddings], {
    attrs: { T: { type: made }, Tpaddings: { type: DType.int32 } },
  });
}

/** A length in whole pixels and the margins that fill it up to the target. */
function padded(graph: GraphBuilder, exact: Output, floatTarget: Output, target: number) {
  const T = { type: DType.float32 };
  const length = toInt(graph, graph.op("Floor", [exact], { attrs: { T } }));
  const rest = graph.op("Sub", [floatTarget, exact], { attrs: { T } });
  const half = graph.op("Floor", [divide(graph, rest, divisor(graph, 2))], { attrs: { T } });
  const before = maximum(graph, graph.int32(0), toInt(graph, half), DType.int32);
  const filled = graph.op("AddV2", [before, length], { attrs: { T: { type: DType.int32 } } });
  const after = graph.op("Sub", [graph.int32(target), filled], {
    attrs: { T: { type: DType.int32 } },
  });
  return { length, before, after };
}

/** Height and width of an image, int32 scalars. */
function lengthsOf(graph: GraphBuilder, image: Output): [height: Output, width: Output] {
  const shape = graph.op("Shape", [image], {
    attrs: { T: { type: DType.uint8 }, out_type: { type: DType.int32 } },
  });
  const unpack = graph.op("Unpack", [shape], {
    attrs: { num: { int: 3 }, T: { type: DType.int32 }, axis: { int: 0 } },
  });
  return [unpack, `${unpack}:1`];
}

function asBatch(graph: GraphBuilder, image: Output): Output {
  return graph.op("ExpandDims", [image, graph.int32(0)], {
    attrs: { T: { type: DType.uint8 }, Tdim: { type: DType.int32 } },
  });
}

function pack(graph: GraphBuilder, scalars: Output[]): Output {
  return graph.op("Pack", scalars, {
    attrs: { N: { int: scalars.length }, T: { type: DType.int32 }, axis: { int: 0 } },
  });
}

function minimum(graph: GraphBuilder, a: Output, b: Output, dtype: number): Output {
  return graph.op("Minimum", [a, b], { attrs: { T: { type: dtype } } });
}

function maximum(graph: GraphBuilder, a: Output, b: Output, dtype: number): Output {
  return graph.op("Maximum", [a, b], { attrs: { T: { type: dtype } } });
}

function divide(graph: GraphBuilder, a: Output, b: Output): Output {
  return graph.op("RealDiv", [a, b], { attrs: { T: { type: DType.float32 } } });
}

/**
 * A float32 constant to divide by. TensorFlow would turn the division by a plain constant into a multiplication
 * by its reciprocal, which rounds otherwise than Keras; a placeholder with a default it must leave alone.
 */
function divisor(graph: GraphBuilder, value: number): Output {
  return graph.op("PlaceholderWithDefault", [graph.float32(value)], {
    attrs: { dtype: { type: DType.float32 }, shape: { shape: [] } },
  });
}

function toFloat(graph: GraphBuilder, value: Output): Output {
  return cast(graph, value, DType.int32, DType.float32);
}

function toInt(graph: GraphBuilder, value: Output): Output {
  return cast(graph, value, DType.float32, DType.int32);
}

function cast(graph: GraphBuilder, value: Output, from: number, to: number): Output {
  return graph.op("Cast", [value], {
    attrs: { SrcT: { type: from }, DstT: { type: to }, Truncate: { bool: false } },
  });
}
