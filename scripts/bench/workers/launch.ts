/** Starts the workers of one measurement, and writes what they have seen: a process, so that it can have its own network. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { freePorts } from "../../workers/freePorts";
import { root } from "../folders";
import type { Part, Plan, Seen } from "./plan";

async function runWorker(part: Part): Promise<Seen> {
  const [command, script] =
    part.side === "Keras"
      ? [
          path.join(root, ".venv/bin/python"),
          path.join(root, "scripts/bench/workers/worker_keras.py"),
        ]
      : [process.execPath, path.join(__dirname, "worker.js")];
  const env: NodeJS.ProcessEnv = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3" };
  // Settings for old OpenBLAS builds; they slow a current numpy.
  delete env.OPENBLAS_CORETYPE;
  delete env.OPENBLAS_L2_SIZE;
  delete env.TF_CONFIG;
  const child = spawn(command, [script, JSON.stringify(part)], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (more: string) => {
    text += more;
  });
  const [code] = await once(child, "close");
  const last = text.trimEnd().split("\n").at(-1)!;
  if (code !== 0 || last === "") throw new Error(`worker ${part.index} has ended with ${code}`);
  return JSON.parse(last) as Seen;
}

async function main(plan: Plan): Promise<void> {
  const ports = plan.workers === 1 ? [] : await freePorts(plan.workers);
  const addresses = ports.map((port) => `127.0.0.1:${port}`);
  const parts = Array.from({ length: plan.workers }, (_, index) => ({ ...plan, addresses, index }));
  process.stdout.write(JSON.stringify(await Promise.all(parts.map(runWorker))));
}

main(JSON.parse(process.argv[2]!) as Plan).catch((error) => {
  console.error(error);
  process.exit(1);
});
