/** Convolutions by fixed filters have kernels of their own, which compute what TensorFlow's do. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasConvolve } from "../../lib/engine";
import {
  GraphBuilder,
  type GraphError,
  type HostTensor,
  keepFixed,
  type Output,
  Session,
  useConvolve,
} from "../../lib/graph";
import { DType } from "../../lib/tfjs";

const T = { type: DType.float32 };
const dtypes = [DType.float32];
const skip = !hasConvolve() && "the kernels are for processors with AVX2 and without AVX-512";

interface Layer {
  op?: "Conv2D" | "DepthwiseConv2dNative";
  /** [batch, height, width, channels] */
  images: [number, number, number, number];
  /** [height, width, channels, filters] */
  filter: [number, number, number, number];
  strides?: [number, number];
  padding?: "SAME" | "VALID";
  /** Zeros at the top, bottom, left and right, in an op of their own. */
  pads?: [number, number, number, number];
  padValue?: number;
  bias?: boolean;
  activation?: "Relu" | "Relu6";
  dilation?: number;
}

/** Numbers between -1 and 1 in no order. */
function numbers(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => (((i + seed) * 7919) % 1009) / 504 - 1);
}

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

function feed(shape: readonly number[], seed: number): HostTensor {
  return { dtype: DType.float32, shape: [...shape], data: numbers(product(shape), seed) };
}

/** A layer in a graph, and what sets its variables. */
function build(graph: GraphBuilder, layer: Layer) {
  const { op = "Conv2D", images, filter, strides = [1, 1], padding = "VALID", pads } = layer;
  const filters = op === "Conv2D" ? filter[3] : filter[2] * filter[3];
  const feeds: Record<string, HostTensor> = { x: feed(images, 1) };
  const assigns: string[] = [];
  const variable = (name: string, shape: number[]): Output => {
    const made = graph.variable(name, DType.float32, shape);
    const set = graph.placeholder(`set/${name}`, DType.float32, shape);
    assigns.push(graph.assign(made, set));
    feeds[set] = feed(shape, name.length);
    return made.read;
  };
  let x = graph.placeholder("x", DType.float32, [-1, ...images.slice(1)]);
  if (pads !== undefined) {
    const attrs = { T, Tpaddings: { type: DType.int32 } };
    const sizes = graph.constant({
      dtype: DType.int32,
      shape: [4, 2],
      values: Int32Array.of(0, 0, ...pads, 0, 0),
    });
    const shapes = [[-1, images[1] + pads[0] + pads[1], images[2] + pads[2] + pads[3], images[3]]];
    const value = graph.float32(layer.padValue ?? 0);
    x = graph.op("PadV2", [x, sizes, value], { attrs, shapes, dtypes });
  }
  const shapes = [[-1, -1, -1, filters]];
  const dilation = layer.dilation ?? 1;
  let y = graph.op(op, [x, variable("filter", filter)], {
    attrs: {
      T,
      strides: { ints: [1, ...strides, 1] },
      padding: { string: padding },
      data_format: { string: "NHWC" },
      dilations: { ints: [1, dilation, dilation, 1] },
    },
    shapes,
    dtypes,
  });
  if (layer.bias !== false) {
    const attrs = { T, data_format: { string: "NHWC" } };
    y = graph.op("BiasAdd", [y, variable("bias", [filters])], { attrs, shapes, dtypes });
  }
  if (layer.activation !== undefined) {
    y = graph.op(layer.activation, [y], { attrs: { T }, shapes, dtypes });
  }
  return { feeds, assigns, fetch: graph.op("Identity", [y], { attrs: { T } }) };
}

/** What a layer gives, by TensorFlow's kernels or by ours, on two sets of weights. */
async function resultsOf(layer: Layer, { isOurs }: { isOurs: boolean }) {
  const graph = new GraphBuilder();
  const { feeds, assigns, fetch } = build(graph, layer);
  let kept: string[] = [];
  if (isOurs) {
    useConvolve(graph, { isFixed: () => true });
    kept = keepFixed(graph, { isFixed: () => true });
  }
  const session = await Session.open(graph);
  try {
    const results: HostTensor[] = [];
    for (const seed of [3, 8]) {
      feeds["set/filter"] = feed(layer.filter, seed);
      await session.run(feeds, { targets: assigns });
      if (kept.length > 0) await session.run({}, { targets: kept });
      results.push(...(await session.run({ x: feeds.x! }, { fetches: [fetch] })));
    }
    return { results, ops: graph.nodes.map(({ op }) => op) };
  } finally {
    session.close();
  }
}

function assertClose(actual: HostTensor[], expected: HostTensor[]): void {
  for (const [i, { shape, data }] of expected.entries()) {
    assert.deepEqual(actual[i]!.shape, shape);
    const values = data as Float32Array;
    const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    (actual[i]!.data as Float32Array).forEach((value, j) => {
      assert.ok(Math.abs(value - values[j]!) <= 1e-5 * scale, `${value} for ${values[j]}`);
    });
  }
}

const depthwise = "DepthwiseConv2dNative";

const known: Record<string, Layer> = {
  "a first layer": { images: [1, 20, 17, 3], filter: [3, 3, 3, 32], activation: "Relu" },
  "a first layer in steps": { images: [2, 19, 18, 3], filter: [3, 3, 3, 24], strides: [2, 2] },
  "one pixel wide": { images: [3, 6, 7, 20], filter: [1, 1, 20, 40], activation: "Relu6" },
  "one pixel wide, in steps": { images: [1, 9, 7, 8], filter: [1, 1, 8, 8], strides: [2, 3] },
  "one pixel in all": { images: [1, 1, 1, 33], filter: [1, 1, 33, 70] },
  "one filter without an addition": { images: [1, 8, 8, 5], filter: [3, 3, 5, 1], bias: false },
  "a filter that is no square": { images: [2, 9, 14, 4], filter: [1, 5, 4, 11], padding: "SAME" },
  "zeros around": { images: [2, 13, 11, 7], filter: [3, 3, 7, 19], padding: "SAME" },
  "zeros around, in steps": {
    images: [1, 12, 9, 6],
    filter: [5, 4, 6, 16],
    padding: "SAME",
    strides: [2, 2],
  },
  "a filter larger than its picture": {
    images: [1, 2, 3, 4],
    filter: [7, 7, 4, 16],
    padding: "SAME",
  },
  "zeros of another op": {
    images: [2, 9, 9, 3],
    filter: [3, 3, 3, 8],
    pads: [0, 1, 2, 3],
    strides: [2, 2],
  },
  "each channel": {
    op: depthwise,
    images: [2, 15, 14, 24],
    filter: [3, 3, 24, 1],
    padding: "SAME",
    activation: "Relu6",
  },
  "each channel, in steps": {
    op: depthwise,
    images: [1, 14, 15, 40],
    filter: [5, 3, 40, 1],
    padding: "SAME",
    strides: [2, 2],
  },
  "each channel, zeros of another op": {
    op: depthwise,
    images: [1, 9, 9, 16],
    filter: [3, 3, 16, 1],
    pads: [0, 1, 0, 1],
    strides: [2, 2],
    bias: false,
  },
  "each channel of small pictures": {
    op: depthwise,
    images: [2, 2, 1, 8],
    filter: [5, 5, 8, 1],
    padding: "SAME",
  },
};

const others: Record<string, Layer> = {
  "dilated filters": { images: [1, 9, 9, 4], filter: [3, 3, 4, 8], dilation: 2 },
  "groups of channels": { images: [1, 6, 6, 8], filter: [3, 3, 4, 8] },
  "two filters for each channel": { op: depthwise, images: [1, 6, 6, 8], filter: [3, 3, 8, 2] },
  "channels that don't come in eights": {
    op: depthwise,
    images: [1, 6, 6, 12],
    filter: [3, 3, 12, 1],
  },
};

describe("a convolution by a fixed filter", { skip }, () => {
  for (const [name, layer] of Object.entries(known)) {
    it(`has a kernel of our own that gives what TensorFlow's gives: ${name}`, async () => {
      const [ours, theirs] = [
        await resultsOf(layer, { isOurs: true }),
        await resultsOf(layer, { isOurs: false }),
      ];
      assert.ok(ours.ops.some((op) => op.startsWith("ConvnetsConvolve")));
      for (const op of [layer.op ?? "Conv2D", "BiasAdd", "PadV2", "Relu", "Relu6"]) {
        assert.ok(!ours.ops.includes(op), op);
      }
      assertClose(ours.results, theirs.results);
    });
  }

  for (const [name, layer] of Object.entries(others)) {
    it(`stays TensorFlow's with ${name}`, async () => {
      const { ops } = await resultsOf(layer, { isOurs: true });
      assert.ok(ops.includes(layer.op ?? "Conv2D"));
    });
  }

  it("makes of no pictures none, of the size that they would have", async () => {
    for (const op of ["Conv2D", depthwise] as const) {
      const layer: Layer = { op, images: [0, 6, 5, 8], filter: [3, 3, 8, op === "Conv2D" ? 4 : 1] };
      const { results } = await resultsOf(layer, { isOurs: true });
      assert.deepEqual(results[0]!.shape, [0, 4, 3, op === "Conv2D" ? 4 : 8]);
    }
  });

  it("keeps a border that isn't zero in an op of its own", async () => {
    const layer: Layer = {
      images: [1, 5, 5, 3],
      filter: [3, 3, 3, 8],
      pads: [1, 1, 1, 1],
      padValue: 2,
    };
    const ours = await resultsOf(layer, { isOurs: true });
    assert.ok(ours.ops.includes("PadV2") && ours.ops.includes("ConvnetsConvolve"));
    assertClose(ours.results, (await resultsOf(layer, { isOurs: false })).results);
  });

  it("stays TensorFlow's where a step changes the filter", () => {
    const graph = new GraphBuilder();
    build(graph, { images: [1, 5, 5, 3], filter: [3, 3, 3, 8] });
    useConvolve(graph, { isFixed: (handle) => handle !== "filter" });
    assert.ok(graph.nodes.some(({ op }) => op === "Conv2D"));
  });

  it("refuses a filter that was put in order for another shape", async () => {
    const graph = new GraphBuilder();
    const layer: Layer = { images: [1, 5, 5, 3], filter: [3, 3, 3, 8] };
    const { feeds, assigns, fetch } = build(graph, layer);
    useConvolve(graph, { isFixed: () => true });
    graph.nodes.find(({ op }) => op === "ConvnetsConvolve")!.attrs.filter_shape = {
      ints: [3, 3, 3, 24],
    };
    const session = await Session.open(graph);
    await session.run(feeds, { targets: assigns });
    await assert.rejects(session.run({ x: feeds.x! }, { fetches: [fetch] }), (error: GraphError) =>
      error.message.includes("put in order for another shape"),
    );
    session.close();
  });
});
