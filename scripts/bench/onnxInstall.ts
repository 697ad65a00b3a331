/** ONNX Runtime for another side of the benchmark: in a folder of its own, never part of set-up. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { onnxFolder, onnxPackages, root } from "./folders";

/** From npm, without its script: that one gets libraries for GPUs. */
const runtime = "onnxruntime-node@1.30.0";
/** From PyPI, beside the project's own TensorFlow. */
const converter = ["tf2onnx==1.17.0", "onnx==1.23.2"];

/** Installs what is missing; some 300 MB. */
export async function prepareOnnx(): Promise<void> {
  const wanted = [runtime, ...converter].join("\n");
  const stamp = path.join(onnxFolder, "installed.txt");
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === wanted) return;
  console.log("ONNX Runtime is installed into .cache/bench/onnx, for the first time only");
  fs.rmSync(onnxFolder, { recursive: true, force: true });
  fs.mkdirSync(onnxFolder, { recursive: true });
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  run("npm", "install", "--prefix", onnxFolder, "--ignore-scripts", "--no-audit", runtime);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  const python = path.join(root, ".venv/bin/python");
  run(python, ...pip, "--target", onnxPackages, "--no-deps", ...converter);
  fs.writeFileSync(stamp, wanted);
}
