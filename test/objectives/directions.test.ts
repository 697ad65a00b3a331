import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { plot, tf } from "../../lib";
import { directionOf } from "../../lib/objectives";
import { metricNames } from "../../lib/objectives/metrics";
import { Monitor } from "../../lib/training/callbacks/monitor";

/** By Keras' names: what `EarlyStopping(monitor=name)` finds for a model with that metric, in Keras 3.15.1. */
const keras = {
  up: [
    ...["accuracy", "acc", "binary_accuracy", "categorical_accuracy"],
    ...["top_k_categorical_accuracy", "cosine_similarity", "precision", "Precision", "recall"],
    ...["Recall", "AUC", "F1Score", "FBetaScore", "R2Score", "PearsonCorrelation"],
    "ConcordanceCorrelation",
  ],
  down: [
    ...["loss", "binary_crossentropy", "categorical_crossentropy", "mse", "MSE", "mae", "MAE"],
    ...["mape", "MAPE", "msle", "hinge", "squared_hinge", "categorical_hinge", "kl_divergence"],
    ...["poisson", "mean_squared_error", "root_mean_squared_error", "mean_absolute_error"],
  ],
} as const;

/** Our names that Keras doesn't know as they are. */
const ours = {
  up: ["binaryAccuracy", "categoricalAccuracy", "sparseCategoricalAccuracy", "topKAccuracy"],
  down: [
    ...["crossentropy", "ce", "binaryCrossentropy", "categoricalCrossentropy"],
    ...["sparseCategoricalCrossentropy", "meanSquaredError", "meanAbsoluteError"],
    ...["meanAbsolutePercentageError", "meanSquaredLogarithmicError", "kullbackLeiblerDivergence"],
    ...["cosine", "cosineProximity", "logcosh", "squaredHinge", "categoricalHinge"],
  ],
} as const;

describe("the direction of a metric", () => {
  for (const direction of ["up", "down"] as const) {
    for (const metric of [...keras[direction], ...ours[direction]]) {
      const names = [metric, `val_${metric}`, `digits_${metric}`, `val_dense_1_${metric}`];
      it(`is ${direction} for ${metric}, of validation and of an output too`, () => {
        for (const name of [...names, `${metric}_1`]) {
          assert.equal(directionOf(name), direction, name);
          assert.equal(new Monitor({ monitor: name }, "it").isBetter(2, 1), direction === "up");
          const { text } = plot.history({ history: { [name]: [1, 2] } });
          assert.match(text, direction === "up" ? /best 2 at epoch 2/ : /best 1 at epoch 1/, name);
        }
      });
    }
  }

  it("is known for every metric that `compile` takes", () => {
    const given: string[] = [...metricNames, ...Object.keys(tf.metrics)];
    assert.ok(given.length > 30);
    const tested: readonly string[] = [...keras.up, ...keras.down, ...ours.up, ...ours.down];
    const functionNames = Object.values(tf.metrics).map((metric) => metric.name);
    for (const name of new Set([...given, ...functionNames])) {
      const direction = directionOf(name);
      assert.ok(direction !== undefined, `${name} has no direction`);
      if (metricNames.includes(name)) assert.ok(tested.includes(name), `${name} isn't tested`);
    }
  });

  it("is unknown for a name that says nothing, and `mode` then decides", () => {
    for (const name of ["distance", "val_distance", "lossless", "toString", "mean", ""]) {
      assert.equal(directionOf(name), undefined, name);
    }
    assert.throws(() => new Monitor({ monitor: "distance" }, "it"), /can't tell whether/);
    assert.ok(new Monitor({ monitor: "distance", mode: "max" }, "it").isBetter(2, 1));
    assert.ok(new Monitor({ monitor: "accuracy", mode: "min" }, "it").isBetter(1, 2));
  });
});
