/** How long it takes until the first op has run, from nothing. */
import { execFileSync } from "node:child_process";
import path from "node:path";
import { root } from "./folders";
import type { Row } from "./report";

const programs = {
  Keras: [path.join(root, ".venv/bin/python"), "-c", "import keras; keras.ops.add(1, 2)"],
  convnets: [process.execPath, "-e", 'require("convnets").tf.add(1, 2).dataSync()'],
};

/** Times whole processes, in turns. */
export async function importTimes(repeats: number): Promise<Row> {
  const results = Object.keys(programs).map((label) => ({ label, values: [] as number[] }));
  for (let round = 0; round <= repeats; round++) {
    Object.values(programs).forEach(([command, ...args], i) => {
      const start = performance.now();
      execFileSync(command!, args, { cwd: root, stdio: "ignore" });
      if (round > 0) results[i]!.values.push(performance.now() - start);
    });
  }
  return { name: "import", title: "Import and first op, whole process", unit: "ms", results };
}
