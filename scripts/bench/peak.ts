/** How many floating-point operations the processor could do. */
import { GraphBuilder, Session } from "../../lib/graph";
import { DType } from "../../lib/tfjs";

/**
 * What the processor can do: the fastest of some products of large matrices, on all of its cores.
 *
 * @returns 10⁹ operations a second.
 */
export async function measurePeak(): Promise<number> {
  const size = 1536;
  const shape = [size, size];
  const graph = new GraphBuilder();
  const x = graph.placeholder("x", DType.float32, shape);
  const result = graph.op("MatMul", [x, x], { attrs: { T: { type: DType.float32 } } });
  const total = graph.op("Sum", [result, graph.int32([0, 1])], {
    attrs: { T: { type: DType.float32 }, Tidx: { type: DType.int32 } },
  });
  const session = await Session.open(graph);
  const data = new Float32Array(size * size).fill(0.5);
  const call = session.prepare([{ name: "x", dtype: DType.float32, shape }], { fetches: [total] });
  let least = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 8; turn++) {
    const start = performance.now();
    await call.run([data]);
    least = Math.min(least, performance.now() - start);
  }
  session.close();
  return (2 * size ** 3) / least / 1e6;
}
