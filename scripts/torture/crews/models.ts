/** Writers of models: files, and a folder. */
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import {
  exportSavedModel,
  InvalidArgumentError,
  loadModel,
  loadWeights,
  saveModel,
  saveWeights,
  tf,
} from "../../../lib/index";
import { filesBelow } from "../files";
import { faultsOf, outputOf, type Writer } from "./writer";

const side = 200;

/** All weights have one value, so that a mixture of two files is noticed. */
function filled(value: number): LayersModel {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: side, inputShape: [side] })] });
  model.compile({ optimizer: "adam", loss: "meanSquaredError" });
  fill(model, value);
  return model;
}

function fill(model: LayersModel, value: number): void {
  const values = model.getWeights().map(({ shape }) => tf.fill(shape, value));
  model.setWeights(values);
  tf.dispose(values);
}

function assertOneValue(model: LayersModel): void {
  const values = new Set(model.getWeights().flatMap((weight) => Array.from(weight.dataSync())));
  if (values.size !== 1) throw new Error(`it has weights of ${values.size} writes`);
}

let kept: LayersModel | undefined;

function modelOf(n: number): LayersModel {
  kept ??= filled(n);
  fill(kept, n % 1000);
  return kept;
}

/** Half of the time over the file itself, half of the time through a link. */
function placeOf(folder: string, n: number, name: string): string {
  const link = outputOf(folder, `link-${name}`);
  if (n % 2 === 0) return outputOf(folder, name);
  fs.mkdirSync(outputOf(folder), { recursive: true });
  try {
    fs.symlinkSync(name, link);
  } catch {} // it is there
  return link;
}

export const saveModels: Writer = {
  name: "saveModel",
  write: (folder, n) => saveModel(modelOf(n), placeOf(folder, n, "model.keras")),
  check(folder) {
    const file = outputOf(folder, "model.keras");
    return faultsOf(file, async () => {
      const model = await loadModel(file);
      assertOneValue(model);
      model.dispose();
      model.optimizer?.dispose();
    });
  },
};

export const saveWeightFiles: Writer = {
  name: "saveWeights",
  write: (folder, n) => saveWeights(modelOf(n), placeOf(folder, n, "best.weights.h5")),
  check(folder) {
    const file = outputOf(folder, "best.weights.h5");
    return faultsOf(file, async () => {
      const model = modelOf(0);
      await loadWeights(model, file);
      assertOneValue(model);
    });
  },
};

/** Files of a whole export. */
const exported = ["saved_model.pb"];

export const exportModels: Writer = {
  name: "exportSavedModel",
  async write(folder, n) {
    const target = outputOf(folder, `${n % 20}`);
    const old = outputOf(folder, `old-${randomUUID()}`);
    try {
      fs.renameSync(target, old);
      fs.rmSync(old, { recursive: true });
    } catch {} // there is none, or another process has moved it
    try {
      await exportSavedModel(modelOf(n), target);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error; // another process was faster
    }
  },
  async check(folder) {
    if (!fs.existsSync(outputOf(folder))) return [];
    const faults: string[] = [];
    for (const name of fs.readdirSync(outputOf(folder)).filter((each) => /^\d|^old/.test(each))) {
      const files = filesBelow(outputOf(folder, name));
      const size = files.length === 1 ? fs.statSync(outputOf(folder, name, files[0]!)).size : 0;
      const isWhole = files.join() === exported.join() && size > 4 * side * side;
      if (!isWhole && !name.startsWith("old"))
        faults.push(`export ${name} has ${files.join(", ") || "nothing"} (${size} bytes)`);
      fs.rmSync(outputOf(folder, name), { recursive: true });
    }
    return faults;
  },
};
