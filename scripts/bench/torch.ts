/** PyTorch as another side of the benchmark: optional, in an environment of its own, never part of set-up. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { root } from "./folders";
import type { SideName } from "./side";

const folder = path.join(root, ".cache/bench/torch");
const requirements = path.join(root, "scripts/bench/torch.txt");
const stamp = path.join(folder, "installed.txt");

/** The sides that each case with a counterpart in worker_torch.py gets. */
export const torchSides: SideName[] = [
  { label: "PyTorch", mode: "torch" },
  { label: "PyTorch bfloat16", mode: "torch-bfloat16" },
];

/** Cases that worker_torch.py has. */
export const torchCases = ["mnist", "pictures", "features", "finetune"];

/** Makes the environment if it isn't there or was made from other requirements; some gigabytes. */
export function prepareTorch(): void {
  const wanted = fs.readFileSync(requirements, "utf8");
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === wanted) return;
  console.log(
    "PyTorch is installed into .cache/bench/torch: some gigabytes, for the first time only",
  );
  fs.rmSync(folder, { recursive: true, force: true });
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: root, stdio: "inherit" });
  run(path.join(root, ".venv/bin/python"), "-m", "venv", folder);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  run(path.join(folder, "bin/python"), ...pip, "-r", requirements);
  fs.writeFileSync(stamp, wanted);
}
