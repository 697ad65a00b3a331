/** The library's own kernel beside TensorFlow's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphBuilder, GraphError, type HostTensor, Session } from "../../lib/graph";
import { DType } from "../../lib/tfjs";

const CPU = "/device:CPU:0";

/** Pixels without a pattern, the same each time. */
function picture(shape: [height: number, width: number, channels: number]): HostTensor {
  let state = shape.join().length;
  const data = Uint8Array.from({ length: shape.reduce((a, b) => a * b) }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state >>> 24;
  });
  return { dtype: DType.uint8, shape, data };
}

/** A batch of two places for the pictures `first` and `second`, filled by our kernel. */
function ours(size: number[], channels: number, dtype: "float32" | "uint8") {
  const graph = new GraphBuilder(CPU);
  const T = { type: DType[dtype] };
  const batch = graph.op("Empty", [graph.int32([2, ...size, channels])], {
    attrs: { dtype: T, init: { bool: false } },
  });
  const control = ["first", "second"].map((name, index) => {
    const image = graph.placeholder(name, DType.uint8, [-1, -1, -1]);
    return graph.op("ConvnetsResizeInto", [batch, image], { attrs: { T, index: { int: index } } });
  });
  return { graph, result: graph.op("Identity", [batch], { attrs: { T }, control }) };
}

/** One picture by TensorFlow's kernel. */
function theirs(size: number[], dtype: "float32" | "uint8") {
  const graph = new GraphBuilder(CPU);
  const image = graph.placeholder("image", DType.uint8, [-1, -1, -1]);
  const images = graph.op("ExpandDims", [image, graph.int32(0)], {
    attrs: { T: { type: DType.uint8 }, Tdim: { type: DType.int32 } },
  });
  const resized = graph.op("ResizeBilinear", [images, graph.int32(size)], {
    attrs: { T: { type: DType.uint8 }, half_pixel_centers: { bool: true } },
  });
  if (dtype === "float32") return { graph, result: resized };
  const rounded = graph.op("Round", [resized], { attrs: { T: { type: DType.float32 } } });
  const cast = graph.op("Cast", [rounded], {
    attrs: { SrcT: { type: DType.float32 }, DstT: { type: DType.uint8 } },
  });
  return { graph, result: cast };
}

test("pictures are resized into their places in a batch as ResizeBilinear does, to the last bit", async () => {
  const sizes = [
    [1, 1],
    [1, 7],
    [9, 1],
    [5, 4],
    [17, 23],
    [64, 64],
    [333, 201],
  ] as const;
  for (const dtype of ["float32", "uint8"] as const) {
    for (const channels of [1, 3, 4]) {
      for (const to of sizes) {
        const own = ours([...to], channels, dtype);
        const reference = theirs([...to], dtype);
        const [session, checked] = [
          await Session.open(own.graph),
          await Session.open(reference.graph),
        ];
        for (const from of sizes) {
          const what = `${from} to ${to}, ${channels} channels, ${dtype}`;
          const first = picture([...from, channels]);
          const second = picture([from[1] + 2, from[0] + 1, channels]);
          const [batch] = await session.run({ first, second }, { fetches: [own.result] });
          assert.deepEqual(batch!.shape, [2, ...to, channels], what);
          const length = batch!.data.length / 2;
          for (const [index, image] of [first, second].entries()) {
            const [wanted] = await checked.run({ image }, { fetches: [reference.result] });
            const place = (batch!.data as Uint8Array).slice(index * length, (index + 1) * length);
            assert.deepEqual(place, wanted!.data, what);
          }
        }
        session.close();
        checked.close();
      }
    }
  }
});

test("a picture of other channels than the batch is refused, and so is an empty one", async () => {
  const { graph, result } = ours([4, 4], 3, "float32");
  const session = await Session.open(graph);
  const good = picture([5, 5, 3]);
  const empty: HostTensor = { dtype: DType.uint8, shape: [0, 5, 3], data: new Uint8Array() };
  for (const second of [picture([5, 5, 1]), empty]) {
    await assert.rejects(
      session.run({ first: good, second }, { fetches: [result] }),
      (error: Error) =>
        error instanceof GraphError && /does not fit into the batch/.test(error.message),
    );
  }
  session.close();
});
