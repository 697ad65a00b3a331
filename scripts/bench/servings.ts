/** Predictions as a server makes them, here and in ONNX Runtime. worker.py has the same in Keras. */
import type { LayersModel, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import { build } from "./build";
import { mobileBase, pictureModel, vggTrunk } from "./models";
import { onnxModel } from "./onnx";
import { engineOf, type Mode, pictureShape, type Workload } from "./parts";

const { predict, setSeed, tf } = build;

const models = {
  pictures: async () => pictureModel({ augmented: false }),
  mobile: mobileBase,
  vgg: vggTrunk,
};

interface Serving {
  model: keyof typeof models;
  /** Pictures of one call. */
  batchSize: number;
  /** Calls of one run. */
  calls: number;
}

function pictures(count: number): Tensor4D {
  const length = count * pictureShape.reduce((product, size) => product * size, 1);
  const values = Float32Array.from({ length }, (_, i) => (i * 7919) % 256);
  return tf.tensor4d(values, [count, ...pictureShape]);
}

const serving =
  ({ model: name, batchSize, calls }: Serving) =>
  async (mode: Mode, scale: number): Promise<Workload> => {
    setSeed(1);
    const model: LayersModel = await models[name]();
    const x = pictures(batchSize);
    const call = mode === "onnx" ? await onnxCall(name, model, x) : ownCall(model, x, mode);
    return async () => {
      for (let i = 0; i < calls * scale; i++) await call();
      return calls * scale;
    };
  };

function ownCall(model: LayersModel, x: Tensor4D, mode: Mode): () => Promise<void> {
  const options = { batchSize: x.shape[0], verbose: 0 as const, ...engineOf(mode) };
  return async () => tf.dispose(await predict(model, x, options));
}

/** A call of ONNX Runtime that has been seen to answer as this library does. */
async function onnxCall(name: string, model: LayersModel, x: Tensor4D) {
  const call = await onnxModel(name, model);
  const data = (await x.data()) as Float32Array;
  const theirs = await call(data, x.shape);
  const answer = tf.tidy(() => model.predict(x) as Tensor4D);
  const ours = (await answer.data()) as Float32Array;
  answer.dispose();
  const scale = ours.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const far = ours.findIndex((value, i) => Math.abs(value - theirs[i]!) > 1e-4 * scale);
  if (far >= 0) throw new Error(`ONNX Runtime answers ${theirs[far]} for ${ours[far]}`);
  return async () => void (await call(data, x.shape));
}

/** By name. */
export const servings: Record<string, (mode: Mode, scale: number) => Promise<Workload>> = {
  "serving-pictures": serving({ model: "pictures", batchSize: 1, calls: 20 }),
  "serving-pictures-32": serving({ model: "pictures", batchSize: 32, calls: 5 }),
  "serving-mobile": serving({ model: "mobile", batchSize: 1, calls: 20 }),
  "serving-mobile-32": serving({ model: "mobile", batchSize: 32, calls: 2 }),
  "serving-vgg": serving({ model: "vgg", batchSize: 1, calls: 5 }),
  "serving-vgg-32": serving({ model: "vgg", batchSize: 32, calls: 1 }),
};
