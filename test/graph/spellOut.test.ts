/** Formulas in the place of ops, for XLA: the same numbers as the ops give, with XLA and without. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { functionDef, GraphBuilder, type HostTensor, Session, spellOut } from "../../lib/graph";
import { DType } from "../../lib/tfjs";

const float32 = { type: DType.float32 };

type Add = (graph: GraphBuilder) => string[];

/** What the ops give, what their formulas do, and what XLA makes of these. */
async function eachWay(add: Add, feeds: Record<string, HostTensor> = {}) {
  const names = Object.keys(feeds);
  const run = async (graph: GraphBuilder, fetches: string[]) => {
    const session = await Session.open(graph);
    const results = await session.run(feeds, { fetches });
    session.close();
    return results.map(({ shape, data }) => ({ shape, data: [...(data as Float32Array)] }));
  };
  const made = (rewrite: (graph: GraphBuilder) => void) => {
    const graph = new GraphBuilder();
    const outputs = add(graph).map((value) =>
      graph.op("Identity", [value], { attrs: { T: float32 }, dtypes: [DType.float32] }),
    );
    rewrite(graph);
    return { graph, outputs };
  };
  const direct = made(() => undefined);
  const spelled = made(spellOut);
  const around = new GraphBuilder();
  around.addFunction(
    functionDef(spelled.graph, { name: "spelled", inputs: names, outputs: spelled.outputs }),
  );
  const inputs = names.map((name) =>
    around.placeholder(name, feeds[name]!.dtype, feeds[name]!.shape),
  );
  const call = around.op("StatefulPartitionedCall", inputs, {
    attrs: {
      Tin: { types: names.map((name) => feeds[name]!.dtype) },
      Tout: { types: spelled.outputs.map(() => DType.float32) },
      f: { func: "spelled" },
      _XlaMustCompile: { bool: true },
    },
  });
  return {
    ops: new Set(direct.graph.nodes.map(({ op }) => op)),
    direct: await run(direct.graph, direct.outputs),
    spelled: await run(spelled.graph, spelled.outputs),
    compiled: await run(
      around,
      spelled.outputs.map((_, i) => `${call}:${i}`),
    ),
  };
}

type Ways = Awaited<ReturnType<typeof eachWay>>;

function assertEqual({ direct, spelled, compiled }: Ways, { tolerance }: { tolerance: number }) {
  for (const others of [spelled, compiled]) {
    for (const [i, { shape, data }] of direct.entries()) {
      assert.deepEqual(others[i]!.shape, shape);
      const gaps = data.map((value, at) => Math.abs(value - others[i]!.data[at]!));
      assert.ok(Math.max(0, ...gaps) <= tolerance, String(Math.max(...gaps)));
    }
  }
}

function floats(values: readonly number[], shape = [values.length]): HostTensor {
  return { dtype: DType.float32, shape, data: Float32Array.from(values) };
}

for (const [op, tolerance] of [
  ["StatelessRandomUniform", 0],
  ["StatelessRandomNormal", 1e-5],
] as const) {
  test(`${op} of any shape is spelled out to within ${tolerance}`, async () => {
    for (const shape of [[], [1], [7], [5, 3], [2, 0, 3], [4, 33, 5]]) {
      const ways = await eachWay((graph) => {
        const attrs = Object.fromEntries(
          ["T", "Tseed"].map((name) => [name, { type: DType.int32 }] as const),
        );
        const size = graph.constant({
          dtype: DType.int32,
          shape: [shape.length],
          values: Int32Array.from(shape),
        });
        return [
          graph.op(op, [size, graph.int32([-7, 123456789])], {
            attrs: { dtype: float32, ...attrs },
          }),
        ];
      });
      assert.ok(ways.ops.has(op));
      assertEqual(ways, { tolerance });
    }
  });
}

test("a step of RMSprop is spelled out", async () => {
  const ways = await eachWay((graph) => {
    const values = [
      [1, -2, 0.5],
      [0, 4, 0.25],
      [3, -0.1, 0],
    ].map((each) => graph.float32(each));
    const numbers = [0.01, 0.9, 1e-7].map((each) => graph.float32(each));
    const step = graph.op("ConvnetsRMSprop", [...values, ...numbers]);
    return [step, `${step}:1`];
  });
  assert.ok(ways.ops.has("ConvnetsRMSprop"));
  assertEqual(ways, { tolerance: 1e-6 });
});

/** Turned and moved, far beyond the edges, and in perspective. */
const transforms = [
  [0.8, -0.6, 1.3, 0.6, 0.8, -2.2, 0, 0],
  [1, 0, -9.5, 0, 1, 14.25, 0, 0],
  [1.5, 0.2, 0.5, -0.3, 0.7, 0.5, 0.05, -0.11],
];

for (const mode of ["REFLECT", "WRAP", "CONSTANT", "NEAREST"]) {
  for (const interpolation of ["BILINEAR", "NEAREST"]) {
    test(`pixels moved with ${mode} and ${interpolation} are spelled out`, async () => {
      const images = floats(
        Array.from({ length: 3 * 6 * 5 * 2 }, (_, i) => Math.sin(i * 12.9898)),
        [3, 6, 5, 2],
      );
      const ways = await eachWay(
        (graph) => {
          const inputs = [
            graph.placeholder("images", DType.float32, [-1, 6, 5, 2]),
            graph.placeholder("transforms", DType.float32, [-1, 8]),
            graph.int32([7, 4]),
            graph.float32(0.25),
          ];
          return [
            graph.op("ImageProjectiveTransformV3", inputs, {
              attrs: {
                dtype: float32,
                interpolation: { string: interpolation },
                fill_mode: { string: mode },
              },
            }),
          ];
        },
        { images, transforms: floats(transforms.flat(), [3, 8]) },
      );
      assert.ok(ways.ops.has("ImageProjectiveTransformV3"));
      assertEqual(ways, { tolerance: 2e-5 });
    });
  }
}
