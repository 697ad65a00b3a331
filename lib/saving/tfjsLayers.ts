/**
 * What a browser's tfjs makes of this library's layers: the same at inference, in other words, or nothing.
 *
 * @see https://js.tensorflow.org/api/4.22.0/#layers
 */
import type { Json, JsonObject } from "../json";
import { RandomLayer } from "../layers";
import { configOf, type Layer, ownWeights } from "../tfjs";
import { ModelFileError } from "./json";
import { kerasClassOf, layerTitle } from "./titles";

type Shape = (number | null)[];

/** Layers of tfjs 4.22 that compute there what they compute here; models in models come besides. */
const shared = new Set([
  ...[
    "InputLayer",
    "Activation",
    "Dense",
    "Flatten",
    "Masking",
    "Permute",
    "RepeatVector",
    "Reshape",
  ],
  ...["Conv1D", "Conv2D", "Conv2DTranspose", "Conv3D", "Conv3DTranspose", "Cropping2D"],
  ...["DepthwiseConv2D", "SeparableConv2D", "UpSampling2D", "ZeroPadding2D", "Embedding"],
  ...["Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply"],
  ...["AveragePooling1D", "AveragePooling2D", "AveragePooling3D", "GlobalAveragePooling1D"],
  ...["GlobalAveragePooling2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D"],
  ...["MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "BatchNormalization", "LayerNormalization"],
  ...["ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax", "ThresholdedReLU", "Rescaling"],
  ...["GRU", "LSTM", "SimpleRNN"],
]);

/** Layers that change nothing at inference, of tfjs' own and of this library's; augmentation comes besides. */
const idle = new Set([
  ...["Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianNoise"],
  ...["GaussianDropout", "AlphaDropout", "Identity"],
]);

/** Layers that change nothing where they leave the size as it is. */
const sizing = new Set(["CenterCrop", "RandomCrop", "Resizing"]);

/**
 * A layer as tfjs shall make it.
 *
 * @param layer The layer of the model.
 * @param entry What tfjs writes of it, in Keras' spelling.
 * @throws ModelFileError naming a layer or option that tfjs in a browser lacks, or computes otherwise.
 */
export function forBrowser(layer: Layer, entry: JsonObject): JsonObject {
  const className = layer.getClassName();
  const title = layerTitle(kerasClassOf(layer), layer.name);
  const { config } = entry as { config: JsonObject };
  if (changesNothing(layer)) return passing(config);
  if (className === "CenterCrop")
    return { class_name: "Cropping2D", config: cropping(layer, config) };
  if (className === "Normalization") return normalization(layer, config, title);
  if (!shared.has(className)) {
    const hint = sizing.has(className)
      ? "Build the model without it, and resize the pictures before they go in."
      : "Build the model without it, or of layers that tfjs has.";
    throw new ModelFileError(`${title} is not among the layers of tfjs in a browser`, { hint });
  }
  refuseOtherwise(layer, config, title);
  return { ...entry, config: { ...config, ...forInference(layer, config) } };
}

/** Options of training mean nothing there, and first values only take time: the weights come from the files. */
function forInference(layer: Layer, config: JsonObject): JsonObject {
  const changed: JsonObject = {};
  for (const key of Object.keys(config)) {
    if (/_(regularizer|constraint)$/.test(key)) changed[key] = null;
    if (/_initializer$/.test(key)) changed[key] = { class_name: "Zeros", config: {} };
  }
  // tfjs leaves it out.
  const { depthMultiplier } = configOf(layer);
  if (depthMultiplier !== undefined) changed.depth_multiplier = depthMultiplier as number;
  return changed;
}

/** Whether a layer hands its input on: random layers at inference, and what gives pictures the size that they have. */
export function changesNothing(layer: Layer): boolean {
  const className = layer.getClassName();
  if (idle.has(className)) return true;
  if (!(layer instanceof RandomLayer) && !sizing.has(className)) return false;
  return layer.inboundNodes.every(
    ({ inputTensors: [input], outputTensors: [output] }) =>
      JSON.stringify(input!.shape) === JSON.stringify(output!.shape),
  );
}

/** A layer that hands on what it gets, so that names and connections stay. */
function passing(config: JsonObject): JsonObject {
  return { class_name: "Activation", config: { ...common(config), activation: "linear" } };
}

function common({ name, trainable, batch_input_shape, dtype }: JsonObject): JsonObject {
  const own: JsonObject = { name: name!, trainable: trainable! };
  return batch_input_shape === undefined ? own : { ...own, batch_input_shape, dtype: dtype! };
}

/** A sample's shape before and after a layer, at its first call. */
function shapesOf(layer: Layer): [input: Shape, output: Shape] {
  const [node] = layer.inboundNodes;
  const [input, output] = [node!.inputTensors[0]!, node!.outputTensors[0]!];
  return [input.shape.slice(1), output.shape.slice(1)];
}

/** What lies around the middle; tfjs' own layer takes another middle where it is no whole pixel. */
function cropping(layer: Layer, config: JsonObject): JsonObject {
  const [input, output] = shapesOf(layer);
  const sides = [0, 1].map((axis) => {
    const [size, wanted] = [input[axis], output[axis] ?? 0];
    if (size == null || size < wanted) {
      throw new ModelFileError(
        `${layerTitle("CenterCrop", layer.name)} enlarges its input, which tfjs in a browser has no layer for`,
        { hint: "Build the model without it, and resize the pictures before they go in." },
      );
    }
    const before = Math.floor((size - wanted) / 2);
    return [before, size - wanted - before];
  });
  return { ...common(config), cropping: sides, data_format: "channels_last" };
}

/** The deviation below which Keras takes this one. */
const epsilon = 1e-7;

/** As a `Rescaling` with a number for each channel. */
function normalization(layer: Layer, config: JsonObject, title: string): JsonObject {
  const rank = shapesOf(layer)[0].length + 1;
  const axes = [config.axis ?? []].flat();
  const isOfChannels =
    axes.length === 0 || (axes.length === 1 && (axes[0] === -1 || axes[0] === rank - 1));
  if (!isOfChannels) {
    throw new ModelFileError(
      `${title} has the axes ${JSON.stringify(axes)}, which tfjs in a browser has no layer for. Supported: the last`,
    );
  }
  const [mean, variance] = statistics(layer, config);
  const deviations = variance.map((value) => Math.max(Math.sqrt(value), epsilon));
  const inverts = config.invert === true;
  const scale = deviations.map((value) => (inverts ? value : 1 / value));
  const offset = mean.map((value, i) => (inverts ? value : -value * scale[i]!));
  return { class_name: "Rescaling", config: { ...common(config), scale, offset } };
}

function statistics(layer: Layer, { mean, variance }: JsonObject): [number[], number[]] {
  if (mean != null && variance != null) return [numbersIn(mean), numbersIn(variance)];
  const [first, second] = ownWeights(layer).map((weight) => [...weight.read().dataSync()]);
  return [first!, second!];
}

function numbersIn(value: Json): number[] {
  return Array.isArray(value) ? value.flatMap(numbersIn) : [Number(value)];
}

/** Of options by which tfjs computes otherwise or not at all, the one value that it computes as Keras does. */
const onlyValues: Record<string, Json> = {
  groups: 1,
  reset_after: false,
  keepdims: false,
  negative_slope: 0,
  output_padding: null,
  threshold: 0,
  zero_output_for_mask: false,
};

/** The same for options of single classes. */
const onlyValuesOf: Record<string, Record<string, Json>> = {
  AveragePooling1D: { data_format: "channels_last" },
  Conv1D: { data_format: "channels_last" },
  ELU: { alpha: 1 },
  LayerNormalization: { rms_scaling: false },
  GlobalAveragePooling1D: { data_format: "channels_last" },
  GlobalMaxPooling1D: { data_format: "channels_last" },
  MaxPooling1D: { data_format: "channels_last" },
  SeparableConv2D: { data_format: "channels_last" },
  UpSampling2D: { interpolation: "nearest" },
};

/** Convolutions that tfjs computes as if there were no gaps. */
const ignoresGaps = /Transpose$|^DepthwiseConv/;

/** Options that tfjs takes and computes by another rule, or not at all. */
function refuseOtherwise(layer: Layer, config: JsonObject, title: string): void {
  for (const key of ["activation", "recurrent_activation"]) {
    const value = config[key];
    if (typeof value === "string" && value.startsWith("keras")) throw otherwise(title, key, value);
  }
  const className = layer.getClassName();
  for (const [key, only] of Object.entries({ ...onlyValues, ...onlyValuesOf[className] })) {
    const value = config[key];
    if (value != null && value !== only) throw otherwise(title, key, value);
  }
  const ranks = layer.inboundNodes.map(({ outputTensors }) => outputTensors[0]!.rank);
  const rank = Math.max(0, ...ranks);
  if (className === "BatchNormalization" || className === "Softmax") {
    const isLast = ranks.every((each) => config.axis === -1 || config.axis === each - 1);
    if (!isLast) throw otherwise(title, "axis", config.axis!);
  }
  if (className === "BatchNormalization") {
    if (rank > 4) throw new ModelFileError(`${title} has ${rank} axes, tfjs in a browser takes 4`);
  }
  if (config.padding === "causal") throw otherwise(title, "padding", "causal");
  const gaps = config.dilation_rate ?? 1;
  if (ignoresGaps.test(className) && [gaps].flat().some((gap) => gap !== 1)) {
    throw otherwise(title, "dilation_rate", gaps);
  }
}

function otherwise(title: string, option: string, value: Json): ModelFileError {
  return new ModelFileError(
    `${title} has the option ${option}=${JSON.stringify(value)}, which tfjs in a browser computes otherwise, or not at all`,
  );
}
