/** A first fit with ScheduleFreeAdamW, beside Keras 3.15.1. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fit, optimizers, tf } from "../../lib/index";
import { runPython } from "../support/python";
import { curveData, curveModel } from "../support/smallCurve";

const program = `
import json, numpy as np, keras
x = np.linspace(-1, 1, 24, dtype="float32").reshape(8, 3)
losses = []
for built in [True, False]:
    model = keras.Sequential([keras.Input([3]), keras.layers.Dense(2, "tanh"), keras.layers.Dense(1)])
    model.set_weights([np.linspace(-1, 1, 6, dtype="float32").reshape(3, 2), np.full(2, 0.5, "float32"), np.array([[0.7], [-0.4]], "float32"), np.full(1, 0.3, "float32")])
    optimizer = keras.optimizers.ScheduleFreeAdamW(0.05)
    model.compile(optimizer, "mse")
    if built: optimizer.build(model.trainable_variables)
    losses.append(model.fit(x, np.cos(x[:, :1]), batch_size=4, epochs=3, shuffle=False, verbose=0).history["loss"])
print(json.dumps(losses))
`;

test("a first fit begins at the model's weights, as Keras' does once its optimizer is built", async () => {
  const printed = await runPython(program);
  const [built, unbuilt]: number[][] = JSON.parse(printed.trim().split("\n").at(-1)!);
  // Keras' own fault, without which this file isn't needed any more.
  assert.ok(unbuilt![0]! > 2 * built![0]!, `${unbuilt} and ${built}`);
  for (const engine of ["graph", "eager"] as const) {
    const optimizer = new optimizers.ScheduleFreeAdamW({ learningRate: 0.05 });
    const model = curveModel(optimizer);
    const [x, y] = curveData();
    const options = { batchSize: 4, epochs: 3, shuffle: false, verbose: 0, engine } as const;
    const { history } = await fit(model, [x, y], options);
    for (const [epoch, loss] of built!.entries()) {
      assert.ok(Math.abs(history.loss![epoch]! - loss) < 1e-6, `${engine}: ${history.loss}`);
    }
    tf.dispose([x, y]);
    model.dispose();
    optimizer.dispose();
  }
});
