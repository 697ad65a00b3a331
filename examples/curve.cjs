// Plain JavaScript: fits a curve, stops when it no longer gets better, and writes the history as a page that needs
// no network: `curve.cjs [FILE [EPOCHS]]`.
const { mkdirSync } = require("node:fs");
const path = require("node:path");
const { callbacks, fit, optimizers, plot, setSeed, tf } = require("convnets");

async function main(file = "out/curve.html", epochs = "200") {
  setSeed(1);
  const x = tf.linspace(-3, 3, 512).reshape([512, 1]);
  const y = x.sin();

  const model = tf.sequential();
  model.add(tf.layers.dense({ units: 32, activation: "tanh", inputShape: [1] }));
  model.add(tf.layers.dense({ units: 1 }));
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.01 }), loss: "meanSquaredError" });

  const history = await fit(model, [x, y], {
    epochs: Number(epochs),
    verbose: 0,
    callbacks: callbacks.earlyStopping({ monitor: "loss", patience: 20, restoreBestWeights: true }),
  });
  const losses = history.history.loss;
  mkdirSync(path.dirname(file), { recursive: true });
  await plot.history(history, { title: "Fitting a sine" }).toHtml(file);
  console.log(`${losses.length} epochs, loss ${losses.at(-1).toExponential(1)}; curves in ${file}`);
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
