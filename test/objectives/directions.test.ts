import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { plot, tf } from "../../lib/index";
import { directionOf } from "../../lib/objectives";
import { metricNames } from "../../lib/objectives/metrics";
import { keras, ours } from "./knownMetrics";

describe("the direction of a metric", () => {
  for (const direction of ["up", "down"] as const) {
    for (const metric of [...keras[direction], ...ours[direction]]) {
      const names = [metric, `val_${metric}`, `digits_${metric}`, `val_dense_1_${metric}`];
      it(`is ${direction} for ${metric}, of validation and of an output too`, () => {
        for (const name of [...names, `${metric}_1`, `${metric}[2]`, `${metric}_1[2]`]) {
          assert.equal(directionOf(name), direction, name);
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
      if (/^(true|false)(Positives|Negatives)$/.test(name)) {
        assert.equal(directionOf(name), undefined, name); // as in Keras
        continue;
      }
      const direction = directionOf(name);
      assert.ok(direction !== undefined, `${name} has no direction`);
      if (metricNames.includes(name)) assert.ok(tested.includes(name), `${name} isn't tested`);
    }
  });

  it("is unknown for a name that says nothing", () => {
    for (const name of ["distance", "val_distance", "lossless", "toString", "mean", ""]) {
      assert.equal(directionOf(name), undefined, name);
    }
  });
});
