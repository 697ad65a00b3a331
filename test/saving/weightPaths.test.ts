/** The names of weights, compared with Keras' own. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { layers, tf } from "../../lib/index";
import { weightPaths } from "../../lib/saving";
import { runPython } from "../support/python";

const program = `
import json, keras
from keras import layers as L
I = keras.Input
nested = keras.Sequential([I((4,)), L.Dense(3, name="a")], name="nested")
i = I((3,)); functional = keras.Model(i, L.Dense(4, name="b")(i), name="functional")
recurrent = [L.Embedding(5, 4, name="words"), L.LSTM(3, return_sequences=True, name="lstm"),
    L.GRU(2, reset_after=False, return_sequences=True, name="gru"),
    L.Bidirectional(L.SimpleRNN(2, return_sequences=True, name="rnn"), name="both"),
    L.TimeDistributed(L.Dense(2, name="each"), name="times")]
series = [L.DepthwiseConv1D(2, name="depths"), L.SeparableConv1D(2, 2, name="parts"), L.Conv1DTranspose(2, 2, name="back")]
image = [L.Conv2D(2, 3, name="conv"), L.DepthwiseConv2D(3, name="depth"), L.SeparableConv2D(2, 3, name="apart"),
    L.BatchNormalization(name="norm"), L.LayerNormalization(name="layer_norm"), L.PReLU(name="prelu"),
    L.Normalization(name="scale"), L.Flatten(), L.Dense(1, use_bias=False, name="last")]
i = I((4,)); inside = keras.Model(i, L.Dense(1, name="c")(functional(nested(i))), name="inside")
models = [keras.Sequential([I((6,)), *recurrent], name="texts"), keras.Sequential([I((9, 9, 3)), *image], name="net"),
    keras.Sequential([I((9, 3)), *series], name="series"), inside, keras.Sequential([I((4,)), nested, L.Dense(4, name="e"), L.Dense(1, name="d")], name="outer")]
print(json.dumps([[w.path for layer in m.layers for w in layer.weights] for m in models]))
`;

it("a weight's path is the one that Keras gives it", async () => {
  const { sequential, input, model } = tf;
  const { dense, ...made } = tf.layers;
  const nested = sequential({
    name: "nested",
    layers: [dense({ units: 3, inputShape: [4], name: "a" })],
  });
  const x = input({ shape: [3] });
  const inner = dense({ units: 4, name: "b" }).apply(x) as typeof x;
  const functional = model({ inputs: x, outputs: inner, name: "functional" });
  const texts = sequential({ name: "texts" });
  const returnSequences = true;
  texts.add(made.embedding({ inputDim: 5, outputDim: 4, inputLength: 6, name: "words" }));
  texts.add(made.lstm({ units: 3, returnSequences, name: "lstm" }));
  texts.add(made.gru({ units: 2, returnSequences, name: "gru" }));
  const rnn = made.simpleRNN({ units: 2, returnSequences, name: "rnn" });
  texts.add(made.bidirectional({ layer: rnn as never, mergeMode: "concat", name: "both" }));
  texts.add(made.timeDistributed({ layer: dense({ units: 2, name: "each" }), name: "times" }));
  const net = sequential({ name: "net" });
  net.add(made.conv2d({ filters: 2, kernelSize: 3, inputShape: [9, 9, 3], name: "conv" }));
  net.add(made.depthwiseConv2d({ kernelSize: 3, name: "depth" }));
  net.add(made.separableConv2d({ filters: 2, kernelSize: 3, name: "apart" }));
  net.add(made.batchNormalization({ name: "norm" }));
  net.add(made.layerNormalization({ name: "layer_norm" }));
  net.add(made.prelu({ name: "prelu" }));
  net.add(layers.normalization({ name: "scale" }));
  net.add(made.flatten());
  net.add(dense({ units: 1, useBias: false, name: "last" }));
  const series = sequential({ name: "series" });
  series.add(layers.depthwiseConv1d({ kernelSize: 2, inputShape: [9, 3], name: "depths" }));
  series.add(layers.separableConv1d({ filters: 2, kernelSize: 2, name: "parts" }));
  series.add(layers.conv1dTranspose({ filters: 2, kernelSize: 2, name: "back" }));
  const y = input({ shape: [4] });
  const end = dense({ units: 1, name: "c" }).apply(functional.apply(nested.apply(y)));
  const inside = model({ inputs: y, outputs: end as typeof y, name: "inside" });
  const outer = sequential({ name: "outer" });
  for (const layer of [nested, dense({ units: 4, name: "e" }), dense({ units: 1, name: "d" })]) {
    outer.add(layer);
  }
  const models = [texts, net, series, inside, outer];
  const found = models.map((each) => weightPaths(each).map(({ path }) => path));
  assert.deepEqual(found, JSON.parse(await runPython(program)));
  const weights = new Set(models.flatMap((each) => weightPaths(each).map(({ weight }) => weight)));
  tf.dispose([...weights].map((weight) => weight.read()));
});
