/** The public surface: what it has, and what never reaches a user. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import * as convnets from "../lib/index";
import { repositoryRoot } from "./support/python";

const lib = path.join(repositoryRoot, "lib");
const sources = fs
  .readdirSync(lib, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts") && !name.startsWith("dist"))
  .map((name) => ({ name, text: fs.readFileSync(path.join(lib, name), "utf8") }));

test("every error that a user can meet is exported, and is a ConvnetsError", () => {
  const declaration =
    /(?:\/\*\*((?:(?!\*\/).)*)\*\/\n)?(?:export )?class (\w+) extends (\w*Error)\b/gs;
  const classes = sources.flatMap(({ text }) =>
    [...text.matchAll(declaration)].map(([, description = "", name]) => ({ description, name })),
  );
  const met = classes.filter(({ description }) => !description.includes("Never leaves the room."));
  const names = met.map(({ name }) => name!);
  assert.ok(names.length >= 12, names.join(", "));
  for (const name of names) {
    const exported = (convnets as Record<string, unknown>)[name];
    assert.ok(typeof exported === "function", `${name} is not exported from lib/index.ts`);
    assert.ok(
      new (exported as new (message: string, options: object) => Error)("it is broken", {
        url: "http://a.b",
      }) instanceof convnets.ConvnetsError,
    );
  }
});

test("the library throws no plain Error", () => {
  const plain = /(?<!\w)(?:new )?(?:Type|Range|Syntax|Reference|Aggregate)?Error\(/;
  const found = sources.flatMap(({ name, text }) =>
    text
      .split("\n")
      .map((line, i) => ({ line, place: `lib/${name}:${i + 1}` }))
      .filter(({ line }) => plain.test(line))
      .map(({ line, place }) => `${place}: ${line.trim()}`),
  );
  assert.deepEqual(found, []);
});

test("the namespaces have what users need, and nothing of the rooms' insides", () => {
  const functionsOf = (namespace: object) =>
    Object.keys(namespace).filter((name) => /^[a-z]/.test(name));
  assert.deepEqual(functionsOf(convnets.layers).sort(), [
    "activityRegularization",
    "adaptiveAveragePooling1d",
    "adaptiveAveragePooling2d",
    "adaptiveAveragePooling3d",
    "adaptiveMaxPooling1d",
    "adaptiveMaxPooling2d",
    "adaptiveMaxPooling3d",
    "additiveAttention",
    "alphaDropout",
    "attention",
    "augMix",
    "autoContrast",
    "averagePooling1d",
    "bidirectional",
    "categoryEncoding",
    "centerCrop",
    "contrastLimitedAdaptiveHistogramEqualization",
    "conv1d",
    "conv1dTranspose",
    "conv2d",
    "conv2dTranspose",
    "conv3d",
    "conv3dTranspose",
    "convLstm1d",
    "convLstm2d",
    "convLstm3d",
    "cropping1d",
    "cropping3d",
    "cutMix",
    "depthwiseConv1d",
    "discretization",
    "dropout",
    "einsumDense",
    "elu",
    "equalization",
    "gaussianDropout",
    "gaussianNoise",
    "globalAveragePooling1d",
    "globalAveragePooling2d",
    "globalAveragePooling3d",
    "globalMaxPooling1d",
    "globalMaxPooling2d",
    "globalMaxPooling3d",
    "groupNormalization",
    "groupQueryAttention",
    "gru",
    "gruCell",
    "hashedCrossing",
    "hashing",
    "identity",
    "integerLookup",
    "layerNormalization",
    "lstm",
    "lstmCell",
    "maxPooling1d",
    "melSpectrogram",
    "mixUp",
    "multiHeadAttention",
    "normalization",
    "pipeline",
    "randAugment",
    "randomBrightness",
    "randomColorDegeneration",
    "randomColorJitter",
    "randomContrast",
    "randomCrop",
    "randomElasticTransform",
    "randomErasing",
    "randomFlip",
    "randomGaussianBlur",
    "randomGrayscale",
    "randomHue",
    "randomInvert",
    "randomPerspective",
    "randomPosterization",
    "randomRotation",
    "randomSaturation",
    "randomSharpness",
    "randomShear",
    "randomTranslation",
    "randomZoom",
    "reLU",
    "rescaling",
    "resizing",
    "reversibleEmbedding",
    "rmsNormalization",
    "rnn",
    "separableConv1d",
    "separableConv2d",
    "simpleRNN",
    "simpleRNNCell",
    "solarization",
    "spatialDropout1d",
    "spatialDropout2d",
    "spatialDropout3d",
    "spectralNormalization",
    "stackedRNNCells",
    "subtract",
    "unitNormalization",
    "upSampling1d",
    "upSampling2d",
    "upSampling3d",
    "zeroPadding1d",
    "zeroPadding3d",
  ]);
  assert.deepEqual(functionsOf(convnets.optimizers).sort(), [
    "adadelta",
    "adafactor",
    "adagrad",
    "adam",
    "adamW",
    "adamax",
    "ftrl",
    "get",
    "lamb",
    "lion",
    "lossScaleOptimizer",
    "muon",
    "nadam",
    "rmsprop",
    "scheduleFreeAdamW",
    "schedules",
    "serialize",
    "sgd",
  ]);
  assert.deepEqual(functionsOf(convnets.plot).sort(), [
    "bar",
    "confusionMatrix",
    "featureMaps",
    "figure",
    "filters",
    "heatmapOverlay",
    "histogram",
    "history",
    "images",
    "line",
    "model",
    "openLivePlot",
    "scatter",
    "show",
  ]);
  assert.deepEqual(Object.keys(convnets.applications).sort(), [
    ...["convNeXtBase", "convNeXtLarge", "convNeXtSmall", "convNeXtTiny", "convNeXtXLarge"],
    ...["denseNet121", "denseNet169", "denseNet201"],
    ...["efficientNetB0", "efficientNetB1", "efficientNetB2", "efficientNetB3"],
    ...["efficientNetB4", "efficientNetB5", "efficientNetB6", "efficientNetB7"],
    ...["efficientNetV2B0", "efficientNetV2B1", "efficientNetV2B2", "efficientNetV2B3"],
    "inceptionV3",
    ...["mobileNet", "mobileNetV2", "mobileNetV3Large", "mobileNetV3Small"],
    ...["resNet101", "resNet101V2", "resNet152", "resNet152V2", "resNet50", "resNet50V2"],
    ...["vgg16", "weightsOf", "xception"],
  ]);
});

test("Node finds the package by its name: by require and by import, and nothing of its insides", async () => {
  const run = async (script: string, type: string) => {
    const args = [`--input-type=${type}`, "-e", script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: repositoryRoot });
    return stdout.trim();
  };
  const use = "console.log(typeof fit, tf.scalar(2).square().dataSync()[0]);";
  assert.equal(
    await run(`const { fit, tf } = require("convnets"); ${use}`, "commonjs"),
    "function 4",
  );
  assert.equal(await run(`import { fit, tf } from "convnets"; ${use}`, "module"), "function 4");
  await assert.rejects(
    run('require("convnets/dist/engine");', "commonjs"),
    /ERR_PACKAGE_PATH_NOT_EXPORTED/,
  );
});

test("what the package's manifest names is there", () => {
  const manifest = JSON.parse(fs.readFileSync(path.join(lib, "package.json"), "utf8"));
  const { main, types, exports, files } = manifest;
  assert.deepEqual([exports["."].default, exports["."].types], [main, types]);
  for (const name of [main, types, ...files]) {
    assert.ok(fs.existsSync(path.join(lib, name)), name);
  }
});
