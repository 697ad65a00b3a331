/**
 * One side of a benchmark: builds a workload once, then runs it each time a line comes on stdin.
 *
 * Arguments: workload, mode, scale, folder of the compiled library. Answers go to descriptor 3, a line of JSON each; what the workload prints goes to stdout, as for a user.
 */
import fs from "node:fs";
import readline from "node:readline";
import { isMode } from "./parts";
import { workloads } from "./workloads";

function answer(message: object): void {
  fs.writeSync(3, `${JSON.stringify(message)}\n`);
}

async function main(): Promise<void> {
  const [name = "", mode = "", scale = "1"] = process.argv.slice(2);
  const make = workloads[name];
  if (make === undefined || !isMode(mode)) throw new Error(`no workload ${name} in mode ${mode}`);
  const workload = await make(mode, Number(scale));
  answer({ ready: true });
  for await (const _ of readline.createInterface({ input: process.stdin })) {
    await workload.before?.();
    const start = performance.now();
    const units = await workload();
    answer({ msPerUnit: (performance.now() - start) / units });
  }
}

main().catch((error: Error) => {
  answer({ error: error.message });
  process.exitCode = 1;
});
