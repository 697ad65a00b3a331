/** A model in ONNX Runtime, converted as docs/deployment.md says. */
import { execFileSync } from "node:child_process";
import fs from "node:fs/promises";
import path from "node:path";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { build } from "./build";
import { onnxFolder, onnxPackages, root } from "./folders";

/** What of onnxruntime-node is used. */
interface Runtime {
  InferenceSession: { create(file: string): Promise<Session> };
  Tensor: new (dtype: "float32", data: Float32Array, shape: readonly number[]) => unknown;
}

interface Session {
  inputNames: string[];
  outputNames: string[];
  run(feeds: Record<string, unknown>): Promise<Record<string, { data: Float32Array }>>;
}

/** Opens a model in ONNX Runtime; what it gives predicts one batch. */
export async function onnxModel(
  name: string,
  model: LayersModel,
): Promise<(data: Float32Array, shape: readonly number[]) => Promise<Float32Array>> {
  const { InferenceSession, Tensor }: Runtime = require(
    path.join(onnxFolder, "node_modules/onnxruntime-node"),
  );
  const file = await converted(name, model);
  const session = await InferenceSession.create(file);
  await fs.rm(file);
  const [input, output] = [session.inputNames[0]!, session.outputNames[0]!];
  return async (data, shape) => {
    const outputs = await session.run({ [input]: new Tensor("float32", data, shape) });
    return outputs[output]!.data;
  };
}

/** The model as a file of ONNX, made anew: its weights are of this process. */
async function converted(name: string, model: LayersModel): Promise<string> {
  const exported = await fs.mkdtemp(path.join(onnxFolder, `${name}-`));
  try {
    const file = `${exported}.onnx`;
    await build.exportSavedModel(model, path.join(exported, "1"));
    const from = ["--saved-model", path.join(exported, "1")];
    const env = { ...process.env, PYTHONPATH: onnxPackages };
    const python = path.join(root, ".venv/bin/python");
    execFileSync(python, ["-m", "tf2onnx.convert", ...from, "--output", file, "--opset", "18"], {
      env,
      stdio: ["ignore", "inherit", "inherit"],
    });
    return file;
  } finally {
    await fs.rm(exported, { recursive: true });
  }
}
