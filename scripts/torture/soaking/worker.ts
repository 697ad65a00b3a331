/** Measures one workload's growth: `worker.js NAME TIMES`. */
import { growthOf, workloads } from "./workloads";

const [, , name = "", times = ""] = process.argv;

void growthOf(workloads[name]!, Number(times)).then((growth) => {
  process.send!(growth, () => process.exit(0));
});
