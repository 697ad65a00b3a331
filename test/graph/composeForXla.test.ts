import assert from "node:assert/strict";
import { test } from "node:test";
import { DType } from "../../lib/engine";
import {
  composeForXla,
  defineCompiled,
  type GraphAttr,
  GraphBuilder,
  type HostTensor,
  type Output,
  Session,
  scrambledKey,
} from "../../lib/graph";

type Add = (graph: GraphBuilder, inputs: Output[]) => Output;

/** What TensorFlow's kernels give, and what XLA gives of the op written out; it may take other feeds. */
async function bothWays(
  add: Add,
  feeds: HostTensor[],
  xlaFeeds = feeds,
): Promise<[number[], number[]]> {
  const graph = new GraphBuilder();
  const names = feeds.map(({ dtype, shape }, i) => graph.placeholder(`x${i}`, dtype, shape));
  const plain = add(graph, names);
  const xlaNames = xlaFeeds.map((feed, i) =>
    feed === feeds[i] ? names[i]! : graph.placeholder(`y${i}`, feed.dtype, feed.shape),
  );
  const call = defineCompiled(graph, {
    name: "compiled",
    types: { arguments: xlaFeeds.map(({ dtype }) => dtype), results: [DType.float32] },
    build: (body, values) => {
      values.forEach((value, i) => {
        body.node(value).shapes = [xlaFeeds[i]!.shape];
      });
      const result = add(body, values);
      composeForXla(body);
      return { outputs: [result] };
    },
  });
  const [compiled] = call(xlaNames);
  const session = new Session(graph);
  try {
    const fed = Object.fromEntries([
      ...feeds.map((feed, i) => [names[i]!, feed] as const),
      ...xlaFeeds.map((feed, i) => [xlaNames[i]!, feed] as const),
    ]);
    const results = await session.run(fed, { fetches: [plain, compiled!] });
    return results.map(({ data }) => Array.from(data as Float32Array)) as [number[], number[]];
  } finally {
    session.close();
  }
}

function assertClose([expected, actual]: [number[], number[]], tolerance: number): void {
  assert.equal(actual.length, expected.length);
  const worst = Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)));
  assert.ok(worst <= tolerance, `${worst} apart`);
}

function drawing(op: string, shape: number[]): Add {
  return (graph, [key]) =>
    graph.op(op, [graph.int32(shape), key!], {
      attrs: {
        dtype: { type: DType.float32 },
        T: { type: DType.int32 },
        Tseed: { type: DType.int32 },
      },
      dtypes: [DType.float32],
    });
}

/** A draw's key as TensorFlow's kernels take it, and as XLA is given it. */
function keys(first: number, second: number): [HostTensor, HostTensor] {
  const data = BigInt64Array.from(scrambledKey([first, second]));
  return [
    { dtype: DType.int32, shape: [2], data: Int32Array.of(first, second) },
    { dtype: DType.int64, shape: [2], data },
  ];
}

for (const [first, second] of [
  [7, 0],
  [2 ** 31 - 1, 12],
  [-5, 3],
] as const) {
  const [plain, scrambled] = keys(first, second);
  const of = `of TensorFlow's kernel from the key ${first}, ${second}`;
  test(`XLA draws the uniform numbers ${of}`, async () => {
    const add = drawing("StatelessRandomUniform", [3, 7]);
    assertClose(await bothWays(add, [plain], [scrambled]), 0);
  });
  test(`XLA draws the normal numbers ${of}`, async () => {
    const add = drawing("StatelessRandomNormal", [3, 7]);
    assertClose(await bothWays(add, [plain], [scrambled]), 2e-5);
  });
}

for (const mode of ["REFLECT", "NEAREST", "CONSTANT"]) {
  test(`XLA samples moved images as TensorFlow's kernel does, ${mode}`, async () => {
    const [batch, height, width, channels] = [3, 6, 8, 2];
    const images: HostTensor = {
      dtype: DType.float32,
      shape: [batch, height, width, channels],
      data: Float32Array.from(
        { length: batch * height * width * channels },
        (_, i) => (i * 37) % 91,
      ),
    };
    const transforms: HostTensor = {
      dtype: DType.float32,
      shape: [batch, 8],
      data: Float32Array.from([
        ...[0.9, -0.3, 1.7, 0.25, 1.1, -2.3, 0, 0],
        ...[-1, 0.01, 7.02, 0.02, 3, -8.4, 0, 0],
        ...[2.3, 0.4, -20.3, 0.3, 2.7, 9.7, 0.01, 0.02],
      ]),
    };
    const add: Add = (graph, [x, t]) => {
      const attrs: Record<string, GraphAttr> = {
        dtype: { type: DType.float32 },
        interpolation: { string: "BILINEAR" },
        fill_mode: { string: mode },
      };
      const inputs = [x!, t!, graph.int32([height, width]), graph.float32(5)];
      return graph.op("ImageProjectiveTransformV3", inputs, { attrs, dtypes: [DType.float32] });
    };
    assertClose(await bothWays(add, [images, transforms]), 2e-3);
  });
}
