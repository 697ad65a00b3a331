import assert from "node:assert/strict";
import { test } from "node:test";
import {
  activateAfterPooling,
  GraphBuilder,
  type HostTensor,
  type Output,
  Session,
} from "../../lib/graph";
import { DType } from "../../lib/tfjs";

const float = { T: { type: DType.float32 } };
const dtypes = [DType.float32];

/** Values of a graph, as made and after a pass. */
async function beforeAndAfter(
  build: (graph: GraphBuilder) => Output[],
  use: { pass: (graph: GraphBuilder) => void; feeds: Record<string, HostTensor> },
): Promise<{ before: number[][]; after: number[][]; graph: GraphBuilder }> {
  const values = async (graph: GraphBuilder, fetches: Output[]) => {
    const session = await Session.open(graph);
    const results = await session.run(use.feeds, { fetches });
    session.close();
    return results.map(({ data }) => Array.from(data as Float32Array));
  };
  const plain = new GraphBuilder();
  const before = await values(plain, build(plain));
  const graph = new GraphBuilder();
  const fetches = build(graph);
  use.pass(graph);
  return { before, after: await values(graph, fetches), graph };
}

/** Whole numbers from -6 to 8, in no order: windows of a pooling have ties, and some have no positive number. */
function wholeNumbers(count: number, seed = 1): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => ((((i + seed) * 7919) % 104729) % 15) - 6);
}

interface Pooling {
  activation: "Relu" | "Relu6";
  size: number;
  stride: number;
  /** Whether the activation is also a result. */
  isShared?: boolean;
}

/** relu → max pooling → square, and the gradients down to the bias. */
function pooled(graph: GraphBuilder, { activation, size, stride, isShared }: Pooling): Output[] {
  const pooling = {
    ...float,
    ksize: { ints: [1, size, size, 1] },
    strides: { ints: [1, stride, stride, 1] },
    padding: { string: "SAME" },
    data_format: { string: "NHWC" },
  };
  const op = (name: string, inputs: Output[], attrs = {}) =>
    graph.op(name, inputs, { attrs: { ...float, ...attrs }, shapes: [[2, -1, -1, 3]], dtypes });
  const x = graph.placeholder("x", DType.float32, [2, 9, 9, 3]);
  const active = op(activation, [x]);
  const pool = op("MaxPool", [active], pooling);
  const square = op("Square", [pool]);
  const poolGrad = op("MaxPoolGrad", [active, pool, square], pooling);
  const grad = op(`${activation}Grad`, [poolGrad, active]);
  const bias = op("BiasAddGrad", [grad], { data_format: { string: "NHWC" } });
  const results = [square, grad, bias, ...(isShared ? [active] : [])];
  return results.map((result) => op("Identity", [result]));
}

const poolings: Pooling[] = [
  { activation: "Relu", size: 2, stride: 2 },
  { activation: "Relu", size: 3, stride: 2 },
  { activation: "Relu6", size: 2, stride: 2 },
];

for (const pooling of poolings) {
  const { activation, size, stride } = pooling;
  const setting = `${activation}, ${size}×${size}, stride ${stride}`;
  test(`an activation after pooling gives the same values and gradients: ${setting}`, async () => {
    const data = wholeNumbers(2 * 9 * 9 * 3);
    const { before, after, graph } = await beforeAndAfter((g) => pooled(g, pooling), {
      pass: activateAfterPooling,
      feeds: { x: { dtype: DType.float32, shape: [2, 9, 9, 3], data } },
    });
    assert.deepEqual(after, before);
    assert.equal(graph.node("MaxPool").inputs[0], "x");
    const bias = graph.node(graph.nodes.find(({ op }) => op === "BiasAddGrad")!.inputs[0]!);
    assert.equal(
      bias.op,
      `${activation}Grad`,
      "the bias' gradient is a sum of the pooled gradient",
    );
  });
}

test("an activation that something else uses stays before the pooling", async () => {
  const data = wholeNumbers(2 * 9 * 9 * 3);
  const use: Pooling = { activation: "Relu", size: 2, stride: 2, isShared: true };
  const { before, after, graph } = await beforeAndAfter((g) => pooled(g, use), {
    pass: activateAfterPooling,
    feeds: { x: { dtype: DType.float32, shape: [2, 9, 9, 3], data } },
  });
  assert.deepEqual(after, before);
  assert.equal(graph.node("MaxPool").inputs[0], "Relu");
});
