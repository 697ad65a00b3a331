/** Convolutions that take the normalisation behind them in. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  foldNormalizations,
  GraphBuilder,
  type HostTensor,
  keepFixed,
  keepNormalizationApart,
  normalizesConvolutions,
  type Output,
  Session,
} from "../../lib/graph";
import { DType } from "../../lib/tfjs";

const T = { type: DType.float32 };
const dtypes = [DType.float32];

interface Network {
  op: "Conv2D" | "DepthwiseConv2dNative";
  /** Whether the convolution has an addition of its own. @default false */
  bias?: boolean;
  /** Whether what the convolution makes is a result too. @default false */
  isShared?: boolean;
  /** Whether the statistics are the batch's. @default false */
  training?: boolean;
}

const shapes = { x: [2, 5, 6, 4], Conv2D: [3, 3, 4, 8], DepthwiseConv2dNative: [3, 3, 4, 2] };

/** Numbers between -1 and 1, or 0.5 and 1.5, in no order. */
function numbers(count: number, { positive = false, seed = 1 } = {}): Float32Array {
  const base = positive ? 0.5 : 0;
  return Float32Array.from({ length: count }, (_, i) => {
    const part = (((i + seed) * 7919) % 1000) / 1000;
    return positive ? base + part : 2 * part - 1;
  });
}

/** A network in a graph, and what sets its variables. */
function build(graph: GraphBuilder, { op, bias, isShared, training = false }: Network) {
  const x = graph.placeholder("x", DType.float32, [-1, ...shapes.x.slice(1)]);
  const assigns: string[] = [];
  const feeds: Record<string, HostTensor> = {
    x: { dtype: DType.float32, shape: shapes.x, data: numbers(240) },
  };
  const variable = (name: string, shape: number[]): Output => {
    const made = graph.variable(name, DType.float32, shape);
    const set = graph.placeholder(`set/${name}`, DType.float32, shape);
    assigns.push(graph.assign(made, set));
    const count = shape.reduce((a, b) => a * b);
    const data = numbers(count, { positive: name === "variance", seed: name.length });
    feeds[set] = { dtype: DType.float32, shape, data };
    return made.read;
  };
  const convolved = [-1, 5, 6, 8];
  let y = graph.op(op, [x, variable("filter", shapes[op])], {
    attrs: {
      T,
      strides: { ints: [1, 1, 1, 1] },
      padding: { string: "SAME" },
      data_format: { string: "NHWC" },
    },
    shapes: [convolved],
    dtypes,
  });
  const convolution = y;
  if (bias) {
    const attrs = { T, data_format: { string: "NHWC" } };
    y = graph.op("BiasAdd", [y, variable("bias", [8])], { attrs, shapes: [convolved], dtypes });
  }
  const statistics = training
    ? [graph.float32([]), graph.float32([])]
    : ["mean", "variance"].map((name) => variable(name, [8]));
  const inputs = [y, ...["gamma", "beta"].map((name) => variable(name, [8])), ...statistics];
  const attrs = { T, U: T, epsilon: { float: 0.01 }, is_training: { bool: training } };
  y = graph.op("FusedBatchNormV3", inputs, { attrs, shapes: [convolved], dtypes });
  const identity = (value: Output) => graph.op("Identity", [value], { attrs: { T } });
  return { feeds, assigns, fetches: [identity(y), ...(isShared ? [identity(convolution)] : [])] };
}

/** The values of a network, folded if `isFixed` is given, on its variables and after one got another value. */
async function valuesOf(
  network: Network,
  isFixed?: boolean,
): Promise<{ values: number[][]; graph: GraphBuilder }> {
  const graph = new GraphBuilder();
  const { feeds, assigns, fetches } = build(graph, network);
  if (isFixed !== undefined) foldNormalizations(graph);
  const kept = isFixed ? keepFixed(graph, { isFixed: () => true }) : [];
  const session = await Session.open(graph);
  const values: number[][] = [];
  for (const seed of [1, 2]) {
    feeds["set/gamma"]!.data = numbers(8, { seed });
    await session.run(feeds, { targets: assigns });
    if (kept.length > 0) await session.run({}, { targets: kept });
    const results = await session.run({ x: feeds.x! }, { fetches });
    values.push(...results.map(({ data }) => Array.from(data as Float32Array)));
  }
  session.close();
  return { values, graph };
}

function countOf(graph: GraphBuilder, op: string): number {
  return graph.nodes.filter((node) => node.op === op).length;
}

function assertClose(actual: number[][], expected: number[][]): void {
  actual.forEach((numbers, i) => {
    numbers.forEach((number, j) => {
      assert.ok(Math.abs(number - expected[i]![j]!) < 1e-5, `${number} for ${expected[i]![j]}`);
    });
  });
}

describe("a normalisation by fixed statistics", () => {
  for (const op of ["Conv2D", "DepthwiseConv2dNative"] as const) {
    for (const bias of [false, true]) {
      for (const isFixed of [false, true]) {
        const addition = bias ? " with an addition" : "";
        const filters = isFixed ? "filters that are kept" : "filters that a step changes";
        it(`goes into ${op}${addition}, with ${filters}`, async () => {
          const { values } = await valuesOf({ op, bias });
          const folded = await valuesOf({ op, bias }, isFixed);
          assertClose(folded.values, values);
          assert.notDeepEqual(values[0], values[1]);
          assert.equal(countOf(folded.graph, "FusedBatchNormV3"), 0);
          assert.equal(countOf(folded.graph, "BiasAdd"), 1);
          assert.equal(countOf(folded.graph, "VarHandleOp"), (bias ? 6 : 5) + (isFixed ? 2 : 0));
        });
      }
    }
  }

  for (const isFixed of [false, true]) {
    const filters = isFixed ? "kept" : "changing";
    it(`leaves an addition that can be kept apart, with ${filters} filters`, async () => {
      const { graph } = await valuesOf({ op: "Conv2D", bias: true }, isFixed);
      assert.equal(normalizesConvolutions(graph), true);
      keepNormalizationApart(graph);
      assert.equal(normalizesConvolutions(graph), false);
      assert.equal(countOf(graph, "PlaceholderWithDefault"), 1);
    });
  }

  it("stays where somebody else takes what the convolution makes", async () => {
    const network: Network = { op: "Conv2D", isShared: true };
    const folded = await valuesOf(network, true);
    assert.deepEqual(folded.values, (await valuesOf(network)).values);
    assert.equal(countOf(folded.graph, "FusedBatchNormV3"), 1);
  });

  it("stays where the statistics are the batch's", async () => {
    const network: Network = { op: "Conv2D", training: true };
    const folded = await valuesOf(network, true);
    assert.deepEqual(folded.values, (await valuesOf(network)).values);
    assert.equal(countOf(folded.graph, "FusedBatchNormV3"), 1);
  });
});
