/** Files of large networks, written by Keras once. */
import { execFileSync } from "node:child_process";
import path from "node:path";
import { root } from "./folders";
import { environmentOf } from "./side";

/** Writes a network with random weights, unless it is there. */
export async function prepareKerasFile(network: string): Promise<void> {
  const python = path.join(root, ".venv/bin/python");
  const script = path.join(root, "scripts/bench/networks.py");
  execFileSync(python, [script, network], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    env: environmentOf(python),
  });
}
