/** Every option of every layer that files have: a wrong type is never taken. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { layers as ours } from "../../lib/index";
import { ModelFileError } from "../../lib/saving";
import { applicationLayers } from "../../lib/saving/kerasLayers/applicationLayers";
import { readLayer, writeLayer } from "../../lib/saving/layers";
import { layerTable } from "../../lib/saving/layerTable";
import { preprocessingLayers } from "../../lib/saving/preprocessingTable";
import { type Layer, tf } from "../../lib/tfjs";

const { layers } = tf;

/** Nothing follows from these. */
const withoutEffect = ["seed", "unroll", "zero_output_for_mask", "mask_token"];

const unit = { units: 2, recurrentActivation: "sigmoid" } as const;
const all: Layer[] = [
  layers.activation({ activation: "relu" }),
  layers.add(),
  ours.alphaDropout({ rate: 0.5 }),
  layers.average(),
  layers.averagePooling1d({ poolSize: 2, strides: 2 }),
  ours.averagePooling1d(),
  layers.averagePooling2d({}),
  layers.averagePooling3d({}),
  layers.batchNormalization({}),
  layers.bidirectional({ layer: layers.lstm(unit) as never, mergeMode: "concat" }),
  layers.concatenate(),
  layers.conv1d({ filters: 2, kernelSize: 3 }),
  ours.conv1d({ filters: 2, kernelSize: 3 }),
  layers.conv2d({ filters: 2, kernelSize: 3 }),
  ours.conv2d({ filters: 2, kernelSize: 3 }),
  layers.conv2dTranspose({ filters: 2, kernelSize: 3 }),
  layers.conv3d({ filters: 2, kernelSize: 3 }),
  ours.conv3d({ filters: 2, kernelSize: 3 }),
  layers.conv3dTranspose({ filters: 2, kernelSize: 3 }),
  layers.cropping2D({
    cropping: [
      [1, 1],
      [1, 1],
    ],
  }),
  layers.dense({ units: 2 }),
  layers.depthwiseConv2d({ kernelSize: 3 }),
  layers.dot({ axes: 1 }),
  ours.dropout({ rate: 0.5 }),
  layers.elu({}),
  ours.elu({}),
  layers.embedding({ inputDim: 3, outputDim: 2 }),
  layers.flatten(),
  ours.gaussianDropout({ rate: 0.5 }),
  ours.gaussianNoise({ stddev: 0.5 }),
  layers.globalAveragePooling1d(),
  ours.globalAveragePooling1d(),
  layers.globalAveragePooling2d({}),
  ours.globalAveragePooling2d(),
  layers.globalMaxPooling1d(),
  ours.globalMaxPooling1d(),
  layers.globalMaxPooling2d({}),
  ours.globalMaxPooling2d(),
  layers.gru(unit),
  layers.layerNormalization({}),
  layers.leakyReLU({}),
  layers.lstm(unit),
  layers.masking({}),
  layers.maximum(),
  layers.maxPooling1d({ poolSize: 2, strides: 2 }),
  ours.maxPooling1d(),
  layers.maxPooling2d({}),
  layers.maxPooling3d({}),
  layers.minimum(),
  layers.multiply(),
  layers.permute({ dims: [2, 1] }),
  layers.prelu({}),
  layers.reLU({ maxValue: 6 }),
  ours.reLU({ maxValue: 6 }),
  layers.repeatVector({ n: 2 }),
  layers.reshape({ targetShape: [2, -1] }),
  layers.separableConv2d({ filters: 2, kernelSize: 3 }),
  layers.simpleRNN({ units: 2 }),
  layers.softmax(),
  ours.spatialDropout1d({ rate: 0.5 }),
  ours.spatialDropout2d({ rate: 0.5 }),
  layers.thresholdedReLU({}),
  layers.timeDistributed({ layer: layers.dense({ units: 2 }) }),
  layers.upSampling2d({}),
  layers.zeroPadding2d({}),
  ours.globalAveragePooling3d(),
  ours.globalMaxPooling3d(),
  ours.groupNormalization({ groups: 2 }),
  ours.identity(),
  ours.rmsNormalization(),
  ours.subtract(),
  ours.unitNormalization(),
  ours.conv1dTranspose({ filters: 2, kernelSize: 3 }),
  ours.conv2dTranspose({ filters: 2, kernelSize: 3 }),
  ours.conv3dTranspose({ filters: 2, kernelSize: 3 }),
  ours.cropping1d(),
  ours.cropping3d(),
  ours.depthwiseConv1d({ kernelSize: 3 }),
  ours.separableConv1d({ filters: 2, kernelSize: 3 }),
  ours.separableConv2d({ filters: 2, kernelSize: 3 }),
  ours.spatialDropout3d({ rate: 0.5 }),
  ours.upSampling1d(),
  ours.upSampling2d({ interpolation: "bicubic" }),
  ours.upSampling3d(),
  ours.zeroPadding1d(),
  ours.zeroPadding3d(),
  ours.additiveAttention(),
  ours.attention(),
  ours.einsumDense({ equation: "ab,bc->ac", outputShape: 3, biasAxes: "c" }),
  ours.groupQueryAttention({ headDim: 3, numQueryHeads: 2, numKeyValueHeads: 1 }),
  ours.layerNormalization(),
  ours.multiHeadAttention({ numHeads: 2, keyDim: 3, outputShape: 4, attentionAxes: 1 }),
  ours.spectralNormalization({ layer: layers.dense({ units: 2 }) }),
  ours.lstmCell({ units: 2 }),
  ours.gruCell({ units: 2 }),
  ours.simpleRNNCell({ units: 2 }),
  ours.stackedRNNCells({ cells: [ours.gruCell({ units: 2 })] }),
  ours.rnn({ cell: [ours.lstmCell({ units: 2 }), ours.gruCell({ units: 2 })] }),
  ours.lstm({ units: 2, dropout: 0.5 }),
  ours.gru({ units: 2 }),
  ours.simpleRNN({ units: 2 }),
  ours.bidirectional({ layer: ours.gru({ units: 2 }), mergeMode: "ave" }),
  ours.convLstm1d({ filters: 2, kernelSize: 3 }),
  ours.convLstm2d({ filters: 2, kernelSize: 3 }),
  ours.convLstm3d({ filters: 2, kernelSize: 3 }),
  new applicationLayers["keras.src.applications.convnext>LayerScale"]!({
    initValues: 0.5,
    projectionDim: 3,
  }),
  new applicationLayers["keras.src.applications.convnext>StochasticDepth"]!({
    dropPathRate: 0.5,
  }),
  new applicationLayers["keras.src.applications.inception_resnet_v2>CustomScaleLayer"]!({
    scale: 0.5,
  }),
  ours.centerCrop({ height: 2, width: 2 }),
  ours.normalization({ mean: 0, variance: 1 }),
  ours.randomBrightness({ factor: 0.5 }),
  ours.randomContrast({ factor: 0.5 }),
  ours.randomCrop({ height: 2, width: 2 }),
  ours.randomFlip({}),
  ours.randomRotation({ factor: 0.5 }),
  ours.randomTranslation({ heightFactor: 0.5, widthFactor: 0.5 }),
  ours.randomZoom({ heightFactor: 0.5 }),
  ours.rescaling({ scale: 2 }),
  ours.activityRegularization(),
  ours.adaptiveAveragePooling1d({ outputSize: 2 }),
  ours.adaptiveAveragePooling2d({ outputSize: 2 }),
  ours.adaptiveAveragePooling3d({ outputSize: 2 }),
  ours.adaptiveMaxPooling1d({ outputSize: 2 }),
  ours.adaptiveMaxPooling2d({ outputSize: 2 }),
  ours.adaptiveMaxPooling3d({ outputSize: 2 }),
  ours.categoryEncoding({ numTokens: 3 }),
  ours.discretization({ binBoundaries: [0, 1] }),
  ours.hashing({ numBins: 3 }),
  ours.hashedCrossing({ numBins: 3 }),
  ours.integerLookup({ vocabulary: [1, 2] }),
  ours.reversibleEmbedding({ inputDim: 3, outputDim: 2 }),
  ours.melSpectrogram(),
  ours.autoContrast(),
  ours.equalization(),
  ours.contrastLimitedAdaptiveHistogramEqualization(),
  ours.solarization(),
  ours.randomPosterization({ factor: 4 }),
  ours.randomGrayscale(),
  ours.randomInvert(),
  ours.randomColorDegeneration({ factor: 0.5 }),
  ours.randomHue({ factor: 0.5 }),
  ours.randomSaturation({ factor: 0.5 }),
  ours.randomColorJitter({ hueFactor: 0.2 }),
  ours.randomGaussianBlur(),
  ours.randomSharpness({ factor: 0.5 }),
  ours.randomErasing(),
  ours.randomShear({ xFactor: 0.2 }),
  ours.randomPerspective(),
  ours.randomElasticTransform(),
  ours.mixUp(),
  ours.cutMix(),
  ours.randAugment(),
  ours.augMix(),
  ours.pipeline({ layers: [ours.randomFlip()] }),
  ours.resizing({ height: 2, width: 2 }),
];

it("a wrong type in any option of any layer is refused, and the message names both", () => {
  const seen = new Set<string>();
  const taken: string[] = [];
  for (const layer of all) {
    const writeInner = (inner: Layer) => writeLayer(inner, true, writeInner);
    const entry = writeLayer(layer, true, writeInner);
    const className = entry.class_name as string;
    const module = className in layerTable ? "" : `${entry.module}>`;
    seen.add(preprocessingLayers.includes(className) ? className : `${module}${className}`);
    const read = (config: object): Layer =>
      readLayer({ ...entry, config } as never, (inner) => readLayer(inner, read));
    const config = entry.config as Record<string, unknown>;
    for (const [key, value] of Object.entries(config)) {
      if (withoutEffect.includes(key)) continue;
      for (const wrong of ["abc", {}, [["x"]]]) {
        if (key === "name" && wrong === "abc") continue;
        if (key === "renorm_clipping" && typeof wrong === "object" && !Array.isArray(wrong))
          continue;
        const label = `${className}.${key}=${JSON.stringify(wrong)} for ${JSON.stringify(value)}`;
        try {
          read({ ...config, [key]: wrong });
          taken.push(label);
        } catch (error) {
          assert.ok(error instanceof ModelFileError, `${label}: ${String(error)}`);
          const option = key.replaceAll("_", "").toLowerCase();
          const says = error.message.replaceAll("_", "").toLowerCase();
          if (!says.includes(className.toLowerCase()) || !says.includes(option)) {
            taken.push(`${label} (${error.message})`);
          }
        }
      }
    }
  }
  assert.deepEqual(taken, []);
  const known = [...Object.keys(layerTable), ...preprocessingLayers];
  assert.deepEqual(
    known.filter((name) => !seen.has(name)),
    [],
  );
});

it("randomFlip has Keras' words in a file, and is read with ours, which older files have", () => {
  for (const mode of ["horizontal", "vertical", "horizontalAndVertical"] as const) {
    const layer = ours.randomFlip({ mode, seed: 3 });
    const written = writeLayer(layer, true, () => ({}));
    const { config, ...entry } = written as { config: { mode: string; seed: number } };
    assert.equal(config.mode, mode === "horizontalAndVertical" ? "horizontal_and_vertical" : mode);
    assert.equal(config.seed, 3);
    for (const word of [mode, config.mode]) {
      const read = readLayer({ ...entry, config: { ...config, mode: word } }, () => layer);
      assert.equal((read as unknown as { mode: string }).mode, mode);
    }
  }
});

it("options that have no bearing here stand in the next file as they were", () => {
  const set = { seed: 7, unroll: true };
  const writeInner = (inner: Layer) => writeLayer(inner, true, writeInner);
  for (const layer of [layers.lstm(unit), layers.gru(unit), layers.simpleRNN({ units: 2 })]) {
    const { config, ...entry } = writeLayer(layer, true, writeInner);
    const read = readLayer({ ...entry, config: { ...(config as object), ...set } }, (inner) =>
      readLayer(inner, () => layer),
    );
    const { seed, unroll } = writeLayer(read, true, writeInner).config as typeof set;
    assert.deepEqual({ seed, unroll }, set);
  }
});
