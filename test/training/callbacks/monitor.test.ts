import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Monitor } from "../../../lib/training/callbacks/monitor";
import { keras, ours } from "../../objectives/knownMetrics";

describe("a monitor", () => {
  for (const direction of ["up", "down"] as const) {
    for (const metric of [...keras[direction], ...ours[direction]]) {
      it(`finds by itself that ${metric} gets better on its way ${direction}`, () => {
        for (const name of [
          metric,
          `val_${metric}`,
          `digits_${metric}`,
          `val_dense_1_${metric}_1`,
        ]) {
          const monitor = new Monitor({ monitor: name }, "it");
          assert.equal(monitor.isBetter(2, 1), direction === "up", name);
          assert.equal(monitor.isBetter(1, 2), direction === "down", name);
        }
      });
    }
  }

  it("needs `mode` for a name that says nothing, and takes its word over the name", () => {
    assert.throws(() => new Monitor({ monitor: "distance" }, "it"), /can't tell whether/);
    assert.ok(new Monitor({ monitor: "distance", mode: "max" }, "it").isBetter(2, 1));
    assert.ok(new Monitor({ monitor: "accuracy", mode: "min" }, "it").isBetter(1, 2));
  });
});
