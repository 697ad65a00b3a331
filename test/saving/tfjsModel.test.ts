/** Models for a browser: tfjs as it comes loads them and says what the library says. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, describe, it } from "node:test";
import { promisify } from "node:util";
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import { applications, layers, predict, saveModel, tf } from "../../lib/index";
import { serveFiles } from "../support/files";
import { repositoryRoot } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";

const folder = temporaryFolder();
after(() => folder[Symbol.dispose]());

const sequential = (...parts: tf.layers.Layer[]) => tf.sequential({ layers: parts });

/** The convnet of the chapter, with augmentation and dropout. */
function convnet(): LayersModel {
  return sequential(
    layers.randomFlip({ mode: "horizontal", inputShape: [40, 40, 3] }),
    layers.randomRotation({ factor: 0.1 }),
    layers.randomZoom({ heightFactor: 0.2 }),
    layers.rescaling({ scale: 1 / 255 }),
    tf.layers.conv2d({ filters: 8, kernelSize: 3, activation: "relu" }),
    tf.layers.maxPooling2d({ poolSize: 2 }),
    tf.layers.conv2d({ filters: 16, kernelSize: 3, activation: "relu" }),
    tf.layers.flatten(),
    layers.dropout({ rate: 0.5 }),
    tf.layers.dense({ units: 1, activation: "sigmoid" }),
  );
}

/** A shared layer, sums, lists of channels, normalizations, two inputs and two outputs. */
function functional(): LayersModel {
  const inputs = [tf.input({ shape: [8, 8, 3] }), tf.input({ shape: [8, 8, 3] })];
  const shared = tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: "same" });
  const [a, b] = inputs.map((input) => shared.apply(input));
  const sum = tf.layers.add().apply([a!, b!]);
  const all = tf.layers.concatenate().apply([sum, a!]);
  const normal = tf.layers.batchNormalization({ center: false }).apply(all);
  const dropped = layers.spatialDropout2d({ rate: 0.1 }).apply(normal);
  const means = tf.layers.globalAveragePooling2d({}).apply(dropped);
  const classes = tf.layers.dense({ units: 2, activation: "softmax" }).apply(means);
  return tf.model({ inputs, outputs: [classes, means] });
}

/** Models in a model, one of which does nothing at inference; layers under other names in tfjs. */
function nested(): LayersModel {
  return sequential(
    sequential(
      layers.randomFlip({ mode: "horizontal", inputShape: [16, 18, 3] }),
      layers.randomContrast({ factor: 0.1 }),
    ),
    layers.centerCrop({ height: 11, width: 12 }),
    layers.normalization({ mean: [100, 110, 120], variance: [3000, 4000, 5000] }),
    sequential(
      tf.layers.separableConv2d({
        inputShape: [11, 12, 3],
        filters: 4,
        kernelSize: 3,
        depthMultiplier: 2,
        depthwiseRegularizer: "l1l2",
      }),
      tf.layers.batchNormalization(),
    ),
    tf.layers.globalMaxPooling2d({}),
    tf.layers.dense({ units: 2 }),
  );
}

/** Keras' preprocessing of VGG16, made of layers. */
function preprocessed(): LayersModel {
  const inputs = tf.input({ shape: [8, 8, 3] });
  const outputs = applications.vgg16.preprocessInput(inputs);
  return tf.model({ inputs, outputs: tf.layers.flatten().apply(outputs) as tf.SymbolicTensor });
}

/** What changes nothing at inference, of tfjs' own classes and the library's. */
function idle(): LayersModel {
  return sequential(
    tf.layers.dense({ units: 3, inputShape: [4, 3] }),
    tf.layers.dropout({ rate: 0.5 }),
    tf.layers.spatialDropout1d({ rate: 0.5 }),
    tf.layers.gaussianNoise({ stddev: 1 }),
    tf.layers.gaussianDropout({ rate: 0.5 }),
    tf.layers.alphaDropout({ rate: 0.5 }),
    layers.identity(),
    layers.reLU({ maxValue: 6 }),
    layers.conv1d({ filters: 2, kernelSize: 2 }),
    layers.globalAveragePooling1d(),
  );
}

/** About half of the steps are masked. */
function masked(): LayersModel {
  return sequential(
    layers.rescaling({ scale: 1 / 255, inputShape: [8, 1] }),
    tf.layers.thresholdedReLU({ theta: 0.5 }),
    tf.layers.masking(),
    tf.layers.dropout({ rate: 0.5 }),
    tf.layers.lstm({ units: 3, returnSequences: true }),
    tf.layers.dense({ units: 2 }),
    tf.layers.gru({ units: 2, goBackwards: true }),
  );
}

const mobile = () =>
  applications.mobileNetV2({ weights: null, inputShape: [64, 64, 3], alpha: 0.35, classes: 5 });

/** Weights as of a trained model: none is 0 or 1, and no variance is negative. */
function shake(model: LayersModel): void {
  const values = model.weights.map((weight, i) => {
    const shape = weight.shape as number[];
    return weight.originalName.endsWith("variance")
      ? tf.randomUniform(shape, 0.5, 1.5, "float32", i)
      : tf.randomNormal(shape, 0, 0.1, "float32", i);
  });
  model.weights.forEach((weight, i) => {
    weight.write(values[i]!);
  });
  tf.dispose(values);
}

/** Saves a model with inputs, and gives its outputs. */
async function exported(name: string, model: LayersModel): Promise<number[][]> {
  shake(model);
  const { numTensors } = tf.memory();
  await saveModel(model, folder.join(name, "model.json"));
  assert.equal(tf.memory().numTensors, numTensors);
  const inputs = model.inputs.map(({ shape }, i) =>
    tf.randomUniform([2, ...(shape.slice(1) as number[])], 0, 255, "float32", i),
  );
  const asText = inputs.map((input) => ({ shape: input.shape, data: [...input.dataSync()] }));
  fs.writeFileSync(folder.join(name, "inputs.json"), JSON.stringify(asText));
  const x = inputs.length > 1 ? inputs : inputs[0]!;
  const outputs = [await predict<Tensor[]>(model, x, { verbose: 0 })].flat();
  const numbers = outputs.map((output) => [...output.dataSync()]);
  tf.dispose([inputs, outputs]);
  model.dispose();
  return numbers;
}

/** Loads models with tfjs as it comes, in JavaScript alone, and prints what they give. */
const program = `
const tf = require("@tensorflow/tfjs");
console.warn = () => {}; // tfjs recommends its native package

async function main(urls) {
  await tf.setBackend("cpu");
  const answers = [];
  for (const url of urls) {
    const model = await tf.loadLayersModel(url + "/model.json");
    const inputs = await (await fetch(url + "/inputs.json")).json();
    const tensors = inputs.map(({ data, shape }) => tf.tensor(data, shape));
    const outputs = [model.predict(tensors.length > 1 ? tensors : tensors[0])].flat();
    answers.push(outputs.map((output) => [...output.dataSync()]));
  }
  process.stdout.write(JSON.stringify(answers));
}

main(process.argv.slice(1));
`;

/** What tfjs alone says, in a process of its own. */
async function inTfjs(names: string[]): Promise<number[][][]> {
  const server = await serveFiles(folder.path);
  try {
    const urls = names.map((name) => `${server.url}/${name}`);
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", program, ...urls], {
      cwd: repositoryRoot,
    });
    return JSON.parse(stdout) as number[][][];
  } finally {
    await server.close();
  }
}

describe("a model for a browser", () => {
  it("says in tfjs as it comes what it says here, to 1e-5", async () => {
    const models = { convnet, functional, nested, preprocessed, idle, masked, mobile };
    const expected: number[][][] = [];
    for (const [name, make] of Object.entries(models)) {
      expected.push(await exported(name, await make()));
    }
    const received = await inTfjs(Object.keys(models));
    for (const [m, name] of Object.keys(models).entries()) {
      for (const [o, output] of expected[m]!.entries()) {
        const largest = Math.max(1, ...output.map(Math.abs));
        for (const [i, value] of output.entries()) {
          const other = received[m]![o]![i]!;
          assert.ok(Math.abs(other - value) <= 1e-5 * largest, `${name}: ${other}, not ${value}`);
        }
      }
    }
  });

  it("has its weights beside it in files of 4 MiB, which the next one takes away", async () => {
    const model = sequential(tf.layers.dense({ units: 1024, inputShape: [2048] }));
    const file = folder.join("large/model.json");
    const shards = () => fs.readdirSync(path.dirname(file)).filter((name) => name.endsWith(".bin"));
    const sizes = () => shards().map((name) => fs.statSync(folder.join("large", name)).size);
    await saveModel(model, file);
    const first = shards();
    assert.deepEqual(sizes(), [2 ** 22, 2 ** 22, 4096]);
    fs.writeFileSync(folder.join("large/model-notes.bin"), "of somebody else's");
    await saveModel(model, file);
    assert.equal(shards().length, 4);
    assert.ok(!shards().some((name) => first.includes(name)));
    await assert.rejects(saveModel(model, file, { overwrite: false }), /`path` must be a new file/);
    model.dispose();
  });

  it("stays what it was when the next one can't be written", async () => {
    const model = sequential(tf.layers.dense({ units: 2, inputShape: [3] }));
    const file = folder.join("kept/model.json");
    await saveModel(model, file);
    const before = fs.readdirSync(path.dirname(file));
    const causal = sequential(
      tf.layers.conv1d({ filters: 2, kernelSize: 2, padding: "causal", inputShape: [8, 2] }),
    );
    await assert.rejects(
      saveModel(causal, file),
      /layer "conv1d\w*" \(Conv1D\) has the option padding="causal"/,
    );
    assert.deepEqual(fs.readdirSync(path.dirname(file)), before);
    model.dispose();
    causal.dispose();
  });

  it("is refused by the layer's name where tfjs has none, or one that computes otherwise", async () => {
    class Doubling extends tf.layers.Layer {
      static className = "Doubling";
      override call(x: Tensor | Tensor[]): Tensor {
        return tf.mul([x].flat()[0]!, 2);
      }
    }
    const image = { inputShape: [6, 6, 2] as [number, number, number] };
    const series = { inputShape: [6, 2] };
    const channelsFirst = "channelsFirst" as const;
    type Case = [tf.layers.Layer, RegExp];
    const cases: Case[] = [
      [
        layers.resizing({ height: 4, width: 4, ...image }),
        /"resizing\w*" \(Resizing\) is not among/,
      ],
      [
        layers.randomCrop({ height: 4, width: 4, ...image }),
        /"random_crop\w*" \(RandomCrop\) is not/,
      ],
      [layers.centerCrop({ height: 8, width: 8, ...image }), /\(CenterCrop\) enlarges its input/],
      [layers.normalization({ axis: 1, ...image }), /\(Normalization\) has the axes \[1\]/],
      [tf.layers.batchNormalization({ axis: 1, ...image }), /\(BatchNormalization\) .* axis=1/],
      [
        tf.layers.upSampling2d({ interpolation: "bilinear", ...image }),
        /\(UpSampling2D\) has the option interpolation="bilinear"/,
      ],
      [
        layers.upSampling2d({ interpolation: "lanczos5", ...image }),
        /\(UpSampling2D\) has the option interpolation="lanczos5"/,
      ],
      [
        layers.conv2dTranspose({ ...{ filters: 2, kernelSize: 2, outputPadding: 0 }, ...image }),
        /\(Conv2DTranspose\) has the option output_padding=\[0,0\]/,
      ],
      [
        layers.conv2dTranspose({ ...{ filters: 2, kernelSize: 2, dilationRate: 2 }, ...image }),
        /\(Conv2DTranspose\) has the option dilation_rate=\[2,2\]/,
      ],
      [
        tf.layers.depthwiseConv2d({ ...{ kernelSize: 2, dilationRate: 2 }, ...image }),
        /\(DepthwiseConv2D\) has the option dilation_rate=\[2,2\]/,
      ],
      [
        tf.layers.separableConv2d({
          ...{ filters: 2, kernelSize: 2, dataFormat: channelsFirst, ...image },
        }),
        /\(SeparableConv2D\) has the option data_format="channels_first"/,
      ],
      [
        layers.zeroPadding1d(series),
        /"zero_padding1d\w*" \(ZeroPadding1D\) is not among the layers of tfjs/,
      ],
      [new Doubling(image as never), /"doubling\w*" \(Doubling\) is not among/],
      [layers.reLU({ negativeSlope: 0.5, ...image }), /"re_?lu\w*" \(ReLU\) .* negative_slope=0.5/],
      [layers.reLU({ threshold: 0.5, ...image }), /\(ReLU\) has the option threshold=0.5/],
      [layers.elu({ alpha: 0.5, ...image }), /"elu\w*" \(ELU\) has the option alpha=0.5/],
      [tf.layers.softmax({ axis: 1, ...image }), /\(Softmax\) has the option axis=1/],
      [
        layers.globalAveragePooling1d({ dataFormat: channelsFirst, ...series }),
        /\(GlobalAveragePooling1D\) has the option data_format="channels_first"/,
      ],
      [
        layers.globalMaxPooling1d({ dataFormat: channelsFirst, ...series }),
        /\(GlobalMaxPooling1D\) has the option data_format="channels_first"/,
      ],
      ...[
        layers.globalAveragePooling1d({ keepdims: true, ...series }),
        layers.globalMaxPooling1d({ keepdims: true, ...series }),
        layers.globalAveragePooling2d({ keepdims: true, ...image }),
        layers.globalMaxPooling2d({ keepdims: true, ...image }),
      ].map((layer): Case => [layer, /Pooling[12]D\) has the option keepdims=true/]),
      ...[
        layers.conv1d({ filters: 2, kernelSize: 2, groups: 2, ...series }),
        layers.conv2d({ filters: 2, kernelSize: 2, groups: 2, ...image }),
        layers.conv3d({ filters: 2, kernelSize: 2, groups: 2, inputShape: [4, 4, 4, 2] }),
      ].map((layer): Case => [layer, /\(Conv[123]D\) has the option groups=2/]),
      ...[
        layers.groupNormalization({ groups: 2, ...image }),
        layers.rmsNormalization(image),
        layers.unitNormalization(image),
        layers.globalMaxPooling3d({ inputShape: [4, 4, 4, 2] }),
      ].map((layer): Case => [layer, /\((\w+Normalization|GlobalMaxPooling3D)\) is not among/]),
    ];
    for (const [layer, message] of cases) {
      const model = sequential(layer);
      await assert.rejects(saveModel(model, folder.join("refused/model.json")), message);
      model.dispose();
    }
    assert.ok(!fs.existsSync(folder.join("refused")));
  });

  it("is refused where a mask would come to another layer than it does here", async () => {
    const words = () =>
      tf.layers.embedding({ inputDim: 5, outputDim: 3, maskZero: true, inputLength: 4 });
    const steps = (...parts: tf.layers.Layer[]) =>
      sequential(tf.layers.masking({ inputShape: [4, 3] }), ...parts);
    const two = (join: (mask: tf.SymbolicTensor, x: tf.SymbolicTensor) => unknown) => {
      const inputs = tf.input({ shape: [4, 3] });
      const mask = tf.layers.masking().apply(inputs) as tf.SymbolicTensor;
      return tf.model({ inputs, outputs: join(mask, inputs) as tf.SymbolicTensor });
    };
    const lstm = (options = {}) => tf.layers.lstm({ units: 2, ...options });
    const cases: [LayersModel, RegExp][] = [
      [
        sequential(words(), tf.layers.conv1d({ filters: 2, kernelSize: 2 }), lstm()),
        /"conv1d\w*" \(Conv1D\) takes a mask in a model with masks, of layer "embedding/,
      ],
      [
        sequential(words(), tf.layers.globalAveragePooling1d({})),
        /\(GlobalAveragePooling1D\) takes a mask/,
      ],
      [steps(tf.layers.leakyReLU(), lstm()), /\(LeakyReLU\) takes a mask .* layer "masking/],
      [two((a, b) => tf.layers.add().apply([a, tf.layers.masking().apply(b)] as never)), /\(Add\)/],
      [
        two((a, b) => tf.layers.add().apply([lstm().apply(a), lstm().apply(b)] as never)),
        /\(LSTM\) has no mask in a model with masks/,
      ],
      [steps(lstm(), tf.layers.softmax()), /\(Softmax\) has no mask/],
      [
        two((a) => [lstm({ returnSequences: true, returnState: true }).apply(a)].flat()[0]),
        /\(LSTM\) takes a mask/,
      ],
      [
        two((_, x) => lstm().apply(steps().apply(x) as tf.SymbolicTensor)),
        /\(Sequential\) gives a mask/,
      ],
      [
        two((a) => {
          const state = tf.layers.gru({ units: 2 }).apply(a) as tf.SymbolicTensor;
          return tf.layers.gru({ units: 2 }).apply([a, state]);
        }),
        /\(GRU\) takes a mask/,
      ],
    ];
    for (const [model, message] of cases) {
      await assert.rejects(saveModel(model, folder.join("masks/model.json")), message);
      model.dispose();
    }
    assert.ok(!fs.existsSync(folder.join("masks")));
  });

  it("takes the place of a model alone, and has a name", async () => {
    const model = sequential(tf.layers.dense({ units: 2, inputShape: [3] }));
    fs.mkdirSync(folder.join("project"));
    const file = folder.join("project/package.json");
    for (const text of ['{ "name": "project" }', "[]", "null", "no JSON", ""]) {
      fs.writeFileSync(file, text);
      const other =
        /`path` must be a new file or a tfjs model to replace, and another file is there/;
      await assert.rejects(saveModel(model, file), other);
      assert.equal(fs.readFileSync(file, "utf8"), text);
    }
    await assert.rejects(saveModel(model, folder.join("project/.json")), /a name before \.json/);
    assert.deepEqual(fs.readdirSync(folder.join("project")), ["package.json"]);
    model.dispose();
  });
});
