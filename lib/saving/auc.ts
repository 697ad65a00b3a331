/** The AUC in Keras' files. */
import { isObject, type Json, type JsonObject } from "../json";
import { type AucMetric, type AucOptions, auc as makeAuc } from "../objectives";
import { plainValue } from "./describedNames";
import { field, ModelFileError } from "./json";

/** Keras' names of the settings; the number of thresholds and of labels follow from others. */
const settings: Record<string, keyof AucOptions> = {
  name: "name",
  num_thresholds: "numThresholds",
  curve: "curve",
  summation_method: "summationMethod",
  thresholds: "thresholds",
  multi_label: "multiLabel",
  label_weights: "labelWeights",
  from_logits: "fromLogits",
};

/** Of no consequence here: numbers are float32, and labels are counted from the outputs. */
const unimportant = ["dtype", "num_labels"];

/** Whether a file describes an AUC with its settings. */
export function isAucClass(value: Json): value is JsonObject {
  return isObject(value) && field(value, "class_name") === "AUC" && isObject(value.config ?? null);
}

/**
 * Keras' AUC → ours.
 *
 * @throws ModelFileError for a setting that Keras doesn't have, or a value that it wouldn't take.
 */
export function readAuc(value: JsonObject): AucMetric {
  const options: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(value.config as JsonObject)) {
    if (unimportant.includes(key)) continue;
    const option = Object.hasOwn(settings, key) ? settings[key] : undefined;
    if (setting !== null) options[option ?? key] = plainValue(setting);
  }
  try {
    return makeAuc(options);
  } catch (cause) {
    const { message } = cause as Error;
    throw new ModelFileError(`is compiled with the metric "AUC", which is refused: ${message}`, {
      cause,
    });
  }
}

/** Ours → Keras' AUC. */
export function writeAuc({ name, auc }: AucMetric): JsonObject {
  const { curve, summationMethod, thresholds, isListed, multiLabel, labelWeights } = auc;
  const config: JsonObject = {
    name,
    num_thresholds: thresholds.length + 2,
    curve,
    summation_method: summationMethod,
    multi_label: multiLabel,
    num_labels: null,
    label_weights: labelWeights === undefined ? null : [...labelWeights],
    from_logits: auc.fromLogits,
  };
  if (isListed) config.thresholds = [...thresholds];
  return { module: "keras.metrics", class_name: "AUC", config, registered_name: null };
}
