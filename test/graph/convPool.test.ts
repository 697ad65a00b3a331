import assert from "node:assert/strict";
import { test } from "node:test";
import {
  GraphBuilder,
  type GraphError,
  type HostTensor,
  type Output,
  Session,
  useConvPool,
} from "../../lib/graph";
import { vectorKernels } from "../../lib/native";
import { DType } from "../../lib/tfjs";

const float = { T: { type: DType.float32 } };
const variants = (["Avx512", "Avx2"] as const).map((kernels) => ({
  kernels,
  use: (graph: GraphBuilder) => useConvPool(graph, { kernels }),
  skip: !vectorKernels().includes(kernels) && `this processor has no ${kernels}`,
}));

interface Layer {
  /** [batch, height, width, channels] */
  images: [number, number, number, number];
  filters: number;
  padding?: string;
  stride?: number;
  /** Whether the convolution's images need a gradient, as behind a first layer. */
  isInner?: boolean;
}

/** convolution → bias → pooling, and the filter's gradient of the pooling's square. */
function layer(graph: GraphBuilder, spec: Layer): Output[] {
  const { images, filters, padding = "VALID", stride = 1, isInner = false } = spec;
  const [batch, height, width, channels] = images;
  const filterShape = [3, 3, channels, filters];
  const window = (size: number, step: number, pad: string) => ({
    ...(size > 1 && { ksize: { ints: [1, size, size, 1] } }),
    strides: { ints: [1, step, step, 1] },
    padding: { string: pad },
    data_format: { string: "NHWC" },
  });
  const conv = { ...window(1, stride, padding), dilations: { ints: [1, 1, 1, 1] } };
  const pooling = window(2, 2, "VALID");
  const op = (
    name: string,
    inputs: Output[],
    attrs = {},
    shape: number[] = [batch, -1, -1, filters],
  ) => graph.op(name, inputs, { attrs: { ...float, ...attrs }, shapes: [shape], dtypes: [1] });
  const x = graph.placeholder("x", DType.float32, [-1, height, width, channels]);
  const filter = graph.placeholder("filter", DType.float32, filterShape);
  const bias = graph.placeholder("bias", DType.float32, [filters]);
  const sums = op("Conv2D", [x, filter], conv);
  const biased = op("BiasAdd", [sums, bias], { data_format: { string: "NHWC" } });
  const pool = op("MaxPool", [biased], pooling);
  const square = op("Square", [pool]);
  const poolGrad = op("MaxPoolGrad", [biased, pool, square], pooling);
  const sizes = graph.int32([3, 3, channels, filters]);
  const filterGrad = op("Conv2DBackpropFilter", [x, sizes, poolGrad], conv, filterShape);
  const inputSizes = graph.int32([...images]);
  const results = isInner
    ? [square, filterGrad, op("Conv2DBackpropInput", [inputSizes, filter, poolGrad], conv)]
    : [square, filterGrad];
  return results.map((result) => op("Identity", [result]));
}

/** Numbers in [-1, 1) without a pattern. */
function noise(shape: readonly number[], seed: number): HostTensor {
  let state = seed;
  const count = shape.reduce((product, size) => product * size, 1);
  const data = Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  return { dtype: DType.float32, shape, data };
}

async function valuesOf(
  spec: Layer,
  pass: (graph: GraphBuilder) => void,
): Promise<{ values: Float32Array[]; ops: string[] }> {
  const graph = new GraphBuilder();
  const fetches = layer(graph, spec);
  pass(graph);
  const session = await Session.open(graph);
  const feeds = {
    x: noise(spec.images, 1),
    filter: noise([3, 3, spec.images[3], spec.filters], 2),
    bias: noise([spec.filters], 3),
  };
  try {
    const results = await session.run(feeds, { fetches });
    const values = results.map(({ data }) => data as Float32Array);
    return { values, ops: graph.nodes.map(({ op }) => op) };
  } finally {
    session.close();
  }
}

const known: Layer[] = [
  { images: [5, 28, 28, 1], filters: 32 },
  { images: [3, 31, 18, 3], filters: 32 },
  { images: [1, 4, 4, 3], filters: 16 },
  { images: [2, 9, 12, 3], filters: 48 },
  { images: [33, 6, 7, 1], filters: 64 },
  { images: [2, 5, 7, 1], filters: 16 },
];

const each = variants.flatMap((variant) => known.map((spec) => ({ ...variant, spec })));
for (const { kernels, use, skip, spec } of each) {
  test(`${kernels} kernels of a first layer give TensorFlow's values: [${spec.images}] to ${spec.filters}`, {
    skip,
  }, async () => {
    const plain = await valuesOf(spec, () => {});
    const own = await valuesOf(spec, use);
    assert.ok(own.ops.includes(`ConvnetsConvPool${kernels}`));
    assert.ok(own.ops.includes(`ConvnetsConvPoolGrad${kernels}`));
    assert.ok(!own.ops.includes("Conv2D") && !own.ops.includes("MaxPoolGrad"));
    plain.values.forEach((expected, i) => {
      const actual = own.values[i]!;
      assert.equal(actual.length, expected.length);
      const largest = Math.max(...expected.map(Math.abs));
      const worst = Math.max(...expected.map((value, j) => Math.abs(value - actual[j]!)));
      assert.ok(worst <= 1e-5 * largest, `result ${i}: off by ${worst} of ${largest}`);
    });
  });
}

for (const { kernels, use, skip } of variants) {
  test(`${kernels}: a first layer's gradient is the same in each run`, { skip }, async () => {
    const spec: Layer = { images: [7, 20, 20, 3], filters: 32 };
    const [first, second] = [await valuesOf(spec, use), await valuesOf(spec, use)];
    assert.deepEqual(first.values, second.values);
  });

  test(`${kernels}: of equal values in a window the first gets the gradient, as in TensorFlow`, {
    skip,
  }, async () => {
    const constant = (shape: readonly number[], value: number): HostTensor => ({
      dtype: DType.float32,
      shape,
      data: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(value),
    });
    const spec: Layer = { images: [1, 6, 6, 1], filters: 16 };
    const results: Float32Array[] = [];
    for (const pass of [() => {}, use]) {
      const graph = new GraphBuilder();
      const [, filterGrad] = layer(graph, spec);
      pass(graph);
      const session = await Session.open(graph);
      const x = noise(spec.images, 1);
      const feeds = { x, filter: constant([3, 3, 1, 16], 0), bias: constant([16], 2) };
      const [result] = await session.run(feeds, { fetches: [filterGrad!] });
      session.close();
      results.push(result!.data as Float32Array);
    }
    const [expected, actual] = results as [Float32Array, Float32Array];
    expected.forEach((value, i) => {
      assert.ok(Math.abs(value - actual[i]!) < 1e-5);
    });
  });
}

const unknown: [string, Layer][] = [
  ["two channels", { images: [2, 9, 9, 2], filters: 16 }],
  ["20 filters", { images: [2, 9, 9, 3], filters: 20 }],
  ["padding", { images: [2, 8, 8, 3], filters: 16, padding: "SAME" }],
  ["a stride of 2", { images: [2, 19, 19, 3], filters: 16, stride: 2 }],
  ["images that need a gradient", { images: [2, 9, 9, 3], filters: 16, isInner: true }],
];

for (const [what, spec] of unknown) {
  test(`a layer keeps TensorFlow's kernels with ${what}`, async () => {
    const { ops } = await valuesOf(spec, variants[0]!.use);
    assert.ok(!ops.some((op) => op.startsWith("Convnets")));
  });
}

for (const { kernels, skip } of variants) {
  test(`${kernels}: a picture that is too small is refused, not read past its end`, {
    skip,
  }, async () => {
    const graph = new GraphBuilder();
    const inputs = [
      graph.placeholder("x", DType.float32, [-1, -1, -1, 3]),
      graph.placeholder("filter", DType.float32, [3, 3, 3, 16]),
      graph.placeholder("bias", DType.float32, [16]),
    ];
    const pooled = graph.op(`ConvnetsConvPool${kernels}`, inputs);
    const session = await Session.open(graph);
    const feeds = {
      x: noise([1, 3, 9, 3], 1),
      filter: noise([3, 3, 3, 16], 2),
      bias: noise([16], 3),
    };
    await assert.rejects(session.run(feeds, { fetches: [pooled] }), ({ message }: GraphError) =>
      /4 by 4 or larger/.test(message),
    );
    session.close();
  });
}
