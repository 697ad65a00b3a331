/** Python Keras as the oracle. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

/** The repository's root; compiled tests lie in .build/test/support. */
export const root = path.resolve(__dirname, "../../..");

/** Runs a Python script of the repository, on the processor, and returns what it printed. */
export async function runPython(script: string, ...args: string[]): Promise<string> {
  const python = path.join(root, ".venv/bin/python");
  const env = { ...process.env, CUDA_VISIBLE_DEVICES: "", TF_CPP_MIN_LOG_LEVEL: "3" };
  const { stdout } = await promisify(execFile)(python, [path.join(root, script), ...args], {
    env,
    maxBuffer: 2 ** 26,
  });
  return stdout;
}
