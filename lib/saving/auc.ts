/** The AUC in Keras' files. */
import { isObject, type Json, type JsonObject } from "../json";
import { type AucMetric, type AucOptions, auc as makeAuc } from "../objectives";
import { plainValue } from "./describedNames";
import { field, ModelFileError } from "./json";
import { keepType, typeOf } from "./kerasMetrics";

/** Keras' names of the settings. */
const settings: Record<string, keyof AucOptions> = {
  name: "name",
  num_thresholds: "numThresholds",
  curve: "curve",
  summation_method: "summationMethod",
  thresholds: "thresholds",
  multi_label: "multiLabel",
  num_labels: "numLabels",
  label_weights: "labelWeights",
  from_logits: "fromLogits",
};

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
  const { dtype = null, ...config } = value.config as JsonObject;
  for (const [key, setting] of Object.entries(config)) {
    const option = Object.hasOwn(settings, key) ? settings[key] : undefined;
    if (setting !== null) options[option ?? key] = plainValue(setting);
  }
  try {
    const metric = makeAuc(options);
    keepType(metric, dtype);
    return metric;
  } catch (cause) {
    const { message } = cause as Error;
    throw new ModelFileError(`is compiled with the metric "AUC", which is refused: ${message}`, {
      cause,
    });
  }
}

/** Ours → Keras' AUC. */
export function writeAuc(metric: AucMetric): JsonObject {
  const { name, auc } = metric;
  const { curve, summationMethod, thresholds, isListed, multiLabel, labelWeights } = auc;
  const config: JsonObject = {
    name,
    ...typeOf(metric),
    num_thresholds: thresholds.length + 2,
    curve,
    summation_method: summationMethod,
    multi_label: multiLabel,
    num_labels: auc.numLabels ?? null,
    label_weights: labelWeights === undefined ? null : [...labelWeights],
    from_logits: auc.fromLogits,
  };
  if (isListed) config.thresholds = [...thresholds];
  return { module: "keras.metrics", class_name: "AUC", config, registered_name: null };
}
