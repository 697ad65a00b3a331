/**
 * One side of a benchmark: builds a workload once, then runs it each time a line comes on stdin; for the line `profile`
 * with TensorFlow's notes of which op took how long.
 *
 * Arguments: workload, mode, scale, folder of the compiled library. Answers go to descriptor 3, a line of JSON each; what the workload prints goes to stdout, as for a user.
 */
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import type * as graph from "../../lib/graph";
import { flopsOf } from "./flops";
import { isMode, type Workload } from "./parts";
import type { Profile } from "./side";
import { workloads } from "./workloads";

function answer(message: object): void {
  fs.writeSync(3, `${JSON.stringify(message)}\n`);
}

/** One run with TensorFlow's notes of it, summed up by op. */
async function profile(workload: Workload): Promise<Profile> {
  const { recordRuns } = require(path.join(process.argv[5]!, "graph")) as typeof graph;
  let units = 0;
  const runs = await recordRuns(async () => {
    units = await workload();
  });
  const ops: Profile = {};
  for (const node of runs.flat()) {
    ops[node.op] ??= { calls: 0, ms: 0, flops: 0 };
    const sums = ops[node.op]!;
    sums.calls += 1 / units;
    sums.ms += node.ms / units;
    sums.flops += flopsOf(node) / units;
  }
  return ops;
}

async function main(): Promise<void> {
  const [name = "", mode = "", scale = "1"] = process.argv.slice(2);
  const make = workloads[name];
  if (make === undefined || !isMode(mode)) throw new Error(`no workload ${name} in mode ${mode}`);
  const workload = await make(mode, Number(scale));
  answer({ ready: true });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    await workload.before?.();
    const start = performance.now();
    if (line === "profile") answer({ profile: await profile(workload) });
    else {
      const units = await workload();
      answer({ msPerUnit: (performance.now() - start) / units });
    }
  }
}

main().catch((error: Error) => {
  answer({ error: error.message });
  process.exitCode = 1;
});
