/** Tests of a network beside Keras': its layers, what it gives with Keras' weights, one step of training. */
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import { after, before, test } from "node:test";
import type { LayersModel, SymbolicTensor, Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  applications,
  clearSession,
  fit,
  layers,
  optimizers,
  predict,
  saveModel,
  tf,
} from "../../lib/index";
import { runPythonFile } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";
import { noise } from "./pixels";

type Builder = (options: object) => Promise<LayersModel>;
type Row = [name: string, className: string, parameters: number, output: (number | null)[]];

interface Structure {
  name: string;
  count: number;
  output: (number | null)[];
  layers: Row[];
}

interface Predicted extends Structure {
  images: [number, number, number, number];
  predicted: number[];
  moved: number;
}

interface Trained extends Structure {
  config: string[];
  trained: number;
  before: number[];
  moved: number;
  frozenLoss: number;
  after: number[];
  loss: number;
  lossMoved: number;
}

/** A network with its options, and what is compared. */
export interface FamilyCase {
  network: string;
  /** Options of both, in camelCase. */
  options: Record<string, unknown>;
  /** `"weights"` compares predictions besides, `"training"` a frozen and a trained step. */
  kind: "structure" | "weights" | "training";
  /** A larger network of a family that is compared by smaller ones: tried when slow tests are asked for. */
  isLarge?: boolean;
}

/** What a model that is trained here gave. */
interface OwnStep {
  before: number[];
  frozenLoss: number;
  after: number[];
  loss: number;
  isBaseKept: boolean;
  isBaseTrained: boolean;
  tensorsLeft: number;
}

/** How far apart two may be, against how far Keras' own numbers move when its input does by 1e-7. */
const TIMES_MOVED = 20;

const withLarge = process.env.CONVNETS_SLOW_TESTS === "1";

/** Adds the tests of all cases to a file. */
export function testBesideKeras(all: FamilyCase[]): void {
  const cases = all.filter(({ isLarge = false }) => withLarge || !isLarge);
  for (const { network, options } of all.filter((each) => !cases.includes(each))) {
    const title = `${network}(${JSON.stringify(options)}): names, layers, shapes and parameters are Keras'`;
    test(title, { skip: "set CONVNETS_SLOW_TESTS=1 to run it" });
  }
  const folder = temporaryFolder();
  const named = cases.map((each, i) => ({ ...each, name: `${each.network}${i}` }));
  const steps: Record<string, OwnStep> = {};
  let facts: Record<string, Structure>;

  before(async () => {
    for (const each of named) {
      if (each.kind === "training") steps[each.name] = await trainOwn(each, folder.path);
    }
    const asPython = named.map(({ network, options, ...others }) => ({
      ...others,
      network: `${network[0]!.toUpperCase()}${network.slice(1)}`,
      options: Object.fromEntries(
        Object.entries(options).map(([key, value]) => [
          key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
          value,
        ]),
      ),
    }));
    await fs.writeFile(folder.join("cases.json"), JSON.stringify(asPython));
    const printed = await runPythonFile("test/applications/families.py", [folder.path]);
    facts = JSON.parse(printed.trim().split("\n").at(-1)!);
  });

  after(() => folder[Symbol.dispose]());

  for (const each of named) {
    const title = `${each.network}(${JSON.stringify(each.options)})`;
    test(`${title}: names, layers, shapes and parameters are Keras'`, async () => {
      const tensors = tf.memory().numTensors;
      clearSession();
      const model = await make(each, null);
      const { layers: rows, ...expected } = facts[each.name]!;
      assert.equal(model.name, expected.name);
      assert.equal(model.countParams(), expected.count);
      assert.deepEqual(model.outputs[0]!.shape, expected.output);
      // Keras' list of layers has no operations, such as `x + 3.0`.
      const own = model.layers.filter((layer) => layer.getClassName() !== "Operation");
      assert.deepEqual(own.map(rowOf), rows);
      model.dispose();
      assert.equal(tf.memory().numTensors, tensors);
    });

    for (const end of each.kind === "weights" ? [".weights.h5", ".h5"] : []) {
      test(`${title}: with Keras' weights (${end}) it gives what Keras' gives`, async () => {
        const tensors = tf.memory().numTensors;
        const model = await make(each, folder.join(`${each.name}${end}`));
        assert.equal(applications.weightsOf(model).name, "file");
        const bytes = await fs.readFile(folder.join(`${each.name}.output`));
        const expected = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
        await assertGives(model, each.network, expected, facts[each.name] as Predicted);
        model.dispose();
        assert.equal(tf.memory().numTensors, tensors);
      });
    }

    if (each.kind === "training")
      testTraining(title, () => [steps[each.name]!, facts[each.name] as Trained]);
  }
}

function testTraining(title: string, both: () => [OwnStep, Trained]): void {
  test(`${title}: saved behind its preprocessing, Keras reads the configuration that its own has`, () => {
    assert.deepEqual(both()[1].config, []);
  });

  test(`${title}: Keras predicts the same from what was saved`, () => {
    const [own, keras] = both();
    assertNear(own.before, keras.before, keras.moved);
  });

  test(`${title}: frozen, a step trains the head as in Keras and leaves the base as it is`, () => {
    const [own, keras] = both();
    assert.equal(keras.trained, 2);
    assert.ok(own.isBaseKept);
    assertNear([own.frozenLoss], [keras.frozenLoss], keras.moved);
    assertNear(own.after, keras.after, keras.moved);
    assert.notDeepEqual(own.after, own.before);
  });

  test(`${title}: unfrozen, a step has Keras' loss and changes the base`, () => {
    const [own, keras] = both();
    assert.ok(own.isBaseTrained);
    assertNear([own.loss], [keras.loss], keras.lossMoved);
  });

  test(`${title}: training, saving and disposing leave no tensors`, () => {
    assert.equal(both()[0].tensorsLeft, 0);
  });
}

function rowOf(layer: LayersModel["layers"][number]): Row {
  const { name, outputShape } = layer;
  return [name, layer.getClassName(), layer.countParams(), outputShape as (number | null)[]];
}

function make({ network, options }: FamilyCase, weights: string | null): Promise<LayersModel> {
  const builders = applications as unknown as Record<string, Builder>;
  return builders[network]!({ ...options, weights });
}

/** Saves a model whose base is frozen, and trains it for one step: so, and then as a whole. */
async function trainOwn(each: FamilyCase & { name: string }, folder: string): Promise<OwnStep> {
  const tensors = tf.memory().numTensors;
  clearSession();
  const base = await make(each, null);
  shift(base);
  base.trainable = false;
  const shape = each.options.inputShape as [number, number, number];
  const inputs = tf.input({ shape });
  const features = base.apply(preprocessing(each.network)(inputs)) as SymbolicTensor;
  const unit = layers.unitNormalization().apply(features); // random networks give large numbers
  const head = tf.layers.dense({ units: 1, activation: "sigmoid", name: "head" });
  const model = tf.model({ inputs, outputs: head.apply(unit) as SymbolicTensor });
  const compile = () => {
    model.compile({
      optimizer: optimizers.sgd({ learningRate: 0.01 }),
      loss: "binaryCrossentropy",
    });
  };
  const x = noise([4, ...shape]);
  const y = tf.tensor2d([0, 1, 1, 0], [4, 1]);
  const step = async () => {
    const history = await fit(model, [x, y], { batchSize: 4, epochs: 1, verbose: 0 });
    return history.history.loss![0]!;
  };
  const predicted = async () => {
    const output = (await predict(model, x, { verbose: 0 })) as Tensor;
    const values = [...output.dataSync()];
    output.dispose();
    return values;
  };
  const first = base.weights.find(({ originalName }) => originalName.endsWith("/kernel"))!;
  const kernel = () => first.read().dataSync().slice();

  compile();
  await saveModel(model, `${folder}/${each.name}.keras`);
  switchOffDropout(base);
  const start = kernel();
  const before = await predicted();
  const frozenLoss = await step();
  const after = await predicted();
  const kept = kernel();
  base.trainable = true;
  compile();
  const loss = await step();
  const isBaseTrained = !isEqual(kernel(), kept);
  model.dispose();
  tf.dispose([x, y]);
  const tensorsLeft = tf.memory().numTensors - tensors;
  return {
    before,
    frozenLoss,
    after,
    loss,
    isBaseKept: isEqual(start, kept),
    isBaseTrained,
    tensorsLeft,
  };
}

/** Adds something after each normalization, as training does: deep networks' first outputs vanish. */
function shift(model: LayersModel): void {
  tf.tidy(() => {
    for (const weight of model.weights) {
      if (!weight.originalName.endsWith("/beta")) continue;
      const values = Array.from({ length: weight.shape[0]! }, (_, i) => 0.1 * Math.sin(7 * i + 1));
      weight.write(tf.tensor1d(values));
    }
  });
}

/** A step that can be compared has nothing random; Keras' side does the same once the configuration is read. */
function switchOffDropout(model: LayersModel): void {
  for (const layer of model.layers) {
    if (layer instanceof layers.Dropout) Object.assign(layer, { rate: 0 });
  }
}

function isEqual(one: ArrayLike<number>, other: ArrayLike<number>): boolean {
  return Array.from(one).every((value, i) => value === other[i]);
}

function preprocessing(network: string) {
  const networks = applications as unknown as Record<string, typeof applications.vgg16>;
  return networks[network]!.preprocessInput;
}

/** Compares predictions, graph and eager, with Keras'. */
async function assertGives(
  model: LayersModel,
  network: string,
  expected: Float32Array,
  { images, predicted, moved }: Predicted,
): Promise<void> {
  const raw = noise(images);
  const x = preprocessing(network)(raw);
  for (const engine of ["graph", "eager"] as const) {
    const y = (await predict(model, x, { engine, verbose: 0, batchSize: 4 })) as Tensor;
    assert.deepEqual(y.shape, predicted);
    assertNear(y.dataSync(), expected, moved);
    y.dispose();
  }
  tf.dispose([raw, x]);
}

/**
 * Within some times of what Keras moves by itself, and never less than rounding: 1e-5 of the largest number. Wide
 * differences are none, however chaotic a network is.
 */
function assertNear(found: ArrayLike<number>, expected: ArrayLike<number>, moved: number): void {
  assert.equal(found.length, expected.length);
  const [ours, keras] = [Array.from(found), Array.from(expected)];
  const most = (values: number[]) => values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const scale = most(keras);
  assert.ok(scale > 1e-6, "Keras' numbers are not all 0");
  const worst = most(ours.map((value, i) => value - keras[i]!));
  const allowed = Math.min(1e-2 * scale, Math.max(1e-5 * scale, TIMES_MOVED * moved));
  assert.ok(worst <= allowed, `differs by ${worst} of ${scale}; Keras itself moves by ${moved}`);
}
