/** Logs for TensorBoard, read by TensorBoard itself. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { callbacks, fit, tf } from "../../../lib/index";
import { histogramOf } from "../../../lib/training/callbacks/tensorBoard/histogram";
import { runPython } from "../../support/python";
import { temporaryFolder } from "../../support/temporaryFolder";
import { classifier, points, tensorCount } from "../models";

/** What TensorBoard reads: scalars by tag, and the buckets of histograms. */
interface Board {
  scalars: Record<string, [step: number, value: number][]>;
  histograms: Record<string, { step: number; buckets: [number, number, number][] }[]>;
}

/** Reads both runs of a folder with TensorBoard itself. */
async function boardOf(folder: string): Promise<Record<"train" | "validation", Board>> {
  const program = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util.tensor_util import make_ndarray
out = {}
for run in ["train", "validation"]:
    events = EventAccumulator(sys.argv[1] + "/" + run).Reload()
    tags = events.Tags()
    out[run] = {
        "scalars": {t: [[e.step, e.value] for e in events.Scalars(t)] for t in tags["scalars"]},
        "histograms": {
            t: [dict(step=e.step, buckets=make_ndarray(e.tensor_proto).tolist()) for e in events.Tensors(t)]
            for t in tags["tensors"]
            if events.SummaryMetadata(t).plugin_data.plugin_name == "histograms"
        },
    }
print(json.dumps(out))`;
  return JSON.parse(await runPython(program, [folder]));
}

describe("callbacks.tensorBoard", () => {
  it("writes logs that TensorBoard reads", async () => {
    using folder = temporaryFolder();
    const data = points(8);
    const board = callbacks.tensorBoard({
      logDir: folder.path,
      updateFreq: "batch",
      histogramFreq: 1,
    });
    const model = classifier();
    const before = tensorCount();
    const { history } = await fit(model, data, {
      epochs: 2,
      batchSize: 4,
      validationData: data,
      verbose: 0,
      callbacks: board,
    });
    assert.equal(tensorCount(), before + 2 * model.trainableWeights.length);
    const { train, validation } = await boardOf(folder.path);
    const float = Math.fround;
    assert.deepEqual(
      train.scalars.epoch_loss,
      history.loss!.map((loss, i) => [i, float(loss)]),
    );
    assert.deepEqual(
      validation.scalars.epoch_accuracy,
      history.val_accuracy!.map((accuracy, i) => [i, float(accuracy)]),
    );
    assert.deepEqual(
      train.scalars.batch_loss!.map(([step]) => step),
      [1, 2, 3, 4],
    );
    assert.deepEqual(train.scalars.epoch_learning_rate![0], [0, float(0.001)]);
    assert.deepEqual(
      validation.scalars.evaluation_loss_vs_iterations,
      history.val_loss!.map((loss, i) => [2 + 2 * i, float(loss)]),
    );
    const name = `${model.name}/${model.layers[0]!.name}/kernel/histogram`;
    const [first, last] = train.histograms[name]!;
    assert.deepEqual([first!.step, last!.step], [0, 1]);
    const kernel = model.layers[0]!.getWeights()[0]!.dataSync();
    assert.equal(last!.buckets.length, 30);
    assert.equal(last!.buckets[0]![0], Math.min(...kernel));
    assert.equal(last!.buckets.at(-1)![1], Math.max(...kernel));
    assert.equal(
      last!.buckets.reduce((sum, [, , count]) => sum + count, 0),
      kernel.length,
    );
  });

  it("counts values into the buckets that TensorBoard's own summary has", async () => {
    const samples = [
      ...[[0, 1, 2, 3], [0.5, 0.5, 0.5], [], [-1, 1], [-7.25]],
      Array.from({ length: 1000 }, (_, i) => Math.fround(Math.sin(i) ** 3)),
    ];
    const program = `
import json, sys
from tensorboard.plugins.histogram.summary_v2 import histogram_pb
from tensorboard.util.tensor_util import make_ndarray
buckets = lambda values: make_ndarray(histogram_pb("x", values).value[0].tensor).ravel().tolist()
print(json.dumps([buckets(values) for values in json.loads(sys.argv[1])]))`;
    const expected = JSON.parse(await runPython(program, [JSON.stringify(samples)])) as number[][];
    for (const [i, sample] of samples.entries()) {
      const found = [...histogramOf(sample)];
      assert.equal(found.length, 90);
      found.forEach((value, place) => {
        assert.ok(
          Math.abs(value - expected[i]![place]!) < 1e-12,
          `sample ${i}, ${place}: ${value}`,
        );
      });
    }
    assert.equal(histogramOf([1, Number.NaN]).at(-1), 0);
  });

  it("writes the rate that a plateau before it has set, and behind it that of the epoch", async () => {
    // Keras 3.15.1 with SGD(0.1), a factor of 0.5 and a patience of 1 that nothing satisfies.
    const expected = { after: [0.1, 0.05, 0.025], before: [0.1, 0.1, 0.05] };
    using folder = temporaryFolder();
    const boardIn = (name: string) => callbacks.tensorBoard({ logDir: folder.join(name) });
    const plateau = callbacks.reduceLROnPlateau({
      ...{ monitor: "loss", factor: 0.5, patience: 1, minDelta: 100 },
    });
    const { history } = await fit(classifier({ optimizer: tf.train.sgd(0.1) }), points(8), {
      ...{ epochs: 3, verbose: 0, validationData: points(8) },
      callbacks: [boardIn("before"), plateau, boardIn("after")],
    });
    assert.deepEqual(history.learning_rate, [0.1, 0.1, 0.05].map(Math.fround));
    for (const [order, rates] of Object.entries(expected)) {
      const { train } = await boardOf(folder.join(order));
      assert.deepEqual(
        train.scalars.epoch_learning_rate,
        rates.map((rate, epoch) => [epoch, Math.fround(rate)]),
      );
    }
  });
});
