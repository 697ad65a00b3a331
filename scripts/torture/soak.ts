/** Long use of one process: its memory stays flat. */
import { fork } from "node:child_process";
import path from "node:path";
import type { Section } from "./section";
import { type Growth, workloads } from "./soaking/workloads";

/** Growth that is allowed for 1,000 operations once all is warm. */
const MOST_BYTES = 5 * 2 ** 20;

/** `soak` */
export const section: Section = {
  name: "soak",
  summary:
    "100,000 steps, 1,000 fits, 1,000 loads and 10,000 predictions: at most 5 MiB of growth for 1,000 of them, no tensor",
  async run({ scale, say }) {
    const faults: string[] = [];
    let tried = 0;
    for (const [name, { times }] of Object.entries(workloads)) {
      const count = Math.max(10, Math.round(times * scale));
      const growth = await measured(name, count);
      tried += count;
      const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
      say(
        `${name} × ${count}: ${mib(growth.rss)} MiB of growth for 1,000 (JavaScript ${mib(growth.heapUsed)}, ` +
          `external ${mib(growth.external)}), ${growth.tensors} tensors, peak ${mib(growth.peak)} MiB`,
      );
      if (growth.tensors > 0) faults.push(`${name}: ${growth.tensors} tensors are left`);
      if (growth.rss > MOST_BYTES) {
        faults.push(`${name}: memory grows by ${mib(growth.rss)} MiB for 1,000`);
      }
    }
    return { tried, faults };
  },
};

/** In a process of its own, which begins with nothing. */
function measured(name: string, count: number): Promise<Growth> {
  const worker = path.join(__dirname, "soaking", "worker.js");
  const child = fork(worker, [name, String(count)], { execArgv: ["--expose-gc"] });
  return new Promise((resolve, reject) => {
    child.once("message", (growth) => resolve(growth as Growth));
    child.once("exit", (code, signal) => reject(new Error(`${name} ended: ${signal ?? code}`)));
  });
}
