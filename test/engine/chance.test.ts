/** What tfjs itself draws repeats with the seed, from run to run and within one. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { evaluate, fit, fromTensorSlices, setSeed, tf } from "../../lib/index";

const index = path.join(__dirname, "../../lib/index.js");

/** The values of a tensor that is freed. */
function taken(tensor: tf.Tensor): number[] {
  const values = [...tensor.dataSync()];
  tensor.dispose();
  return values;
}

const trained = { training: true };

/** Everything that draws without a seed of its own. */
const draws: Record<string, () => number[] | Promise<number[]>> = {
  randomNormal: () => taken(tf.randomNormal([8])),
  randomStandardNormal: () => taken(tf.randomStandardNormal([8])),
  randomUniform: () => taken(tf.randomUniform([8])),
  randomUniformInt: () => taken(tf.randomUniformInt([8], 0, 1000)),
  truncatedNormal: () => taken(tf.truncatedNormal([8])),
  randomGamma: () => taken(tf.randomGamma([8], 2)),
  multinomial: () => {
    const logits = tf.zeros([1, 1000]) as tf.Tensor2D;
    const drawn = taken(tf.multinomial(logits, 8));
    logits.dispose();
    return drawn;
  },
  dropout: () => tf.tidy(() => [...tf.dropout(tf.ones([64]), 0.5).dataSync()]),
  "a layer of tfjs, called by itself": () =>
    tf.tidy(() => [
      ...tf.layers
        .dropout({ rate: 0.5 })
        .apply(tf.ones([4, 16]), trained)
        .dataSync(),
      ...tf.layers
        .gaussianNoise({ stddev: 1 })
        .apply(tf.ones([8]), trained)
        .dataSync(),
    ]),
  initializers: () =>
    tf.tidy(() => [
      ...tf.initializers.glorotUniform({}).apply([2, 2]).dataSync(),
      ...tf.initializers.heNormal({}).apply([2, 2]).dataSync(),
      ...tf.initializers.orthogonal({}).apply([2, 2]).dataSync(),
      ...tf.initializers.truncatedNormal({}).apply([2, 2]).dataSync(),
    ]),
  "util.shuffle": () => {
    const list = Array.from({ length: 20 }, (_, i) => i);
    tf.util.shuffle(list);
    return [...list, ...tf.util.createShuffledIndices(20)];
  },
  "a dataset's shuffle": async () => {
    const dataset = tf.data.array(Array.from({ length: 20 }, (_, i) => i)).shuffle(20);
    return [...(await dataset.toArray()), ...(await dataset.toArray())] as number[];
  },
  "a shuffled dataset of slices": async () => {
    const x = tf.range(0, 20);
    const rows = await fromTensorSlices(x).shuffle(20).toArray();
    x.dispose();
    return (rows as tf.Tensor[]).flatMap(taken);
  },
};

describe("after setSeed", () => {
  for (const [name, draw] of Object.entries(draws)) {
    it(`${name}: the same seed gives the same numbers, another one others`, async () => {
      const twice = async (seed: number) => {
        setSeed(seed);
        return [await draw(), await draw()];
      };
      const [first, second] = await twice(7);
      const count = tf.memory().numTensors;
      assert.deepEqual(await twice(7), [first, second]);
      assert.notDeepEqual(first, second);
      assert.notDeepEqual(await twice(8), [first, second]);
      assert.equal(tf.memory().numTensors, count);
    });
  }

  it("another process draws the same", async () => {
    const own = async () => [
      taken(tf.randomNormal([4])),
      await draws.multinomial!(),
      await draws["util.shuffle"]!(),
    ];
    const program = `
      const { setSeed, tf } = require(${JSON.stringify(index)});
      const taken = (tensor) => [...tensor.dataSync()];
      const list = Array.from({ length: 20 }, (_, i) => i);
      setSeed(7);
      const drawn = [taken(tf.randomNormal([4])), taken(tf.multinomial(tf.zeros([1, 1000]), 8))];
      tf.util.shuffle(list);
      console.log(JSON.stringify([...drawn, [...list, ...tf.util.createShuffledIndices(20)]]));
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", program]);
    setSeed(7);
    assert.deepEqual(JSON.parse(stdout), await own());
  });

  it("a seed that is given counts, and takes nothing from the others", () => {
    const after = (between: () => void) => {
      setSeed(7);
      between();
      return taken(tf.randomNormal([4]));
    };
    const given = (seed: number) => taken(tf.randomNormal([4], 0, 1, "float32", seed));
    setSeed(1);
    const first = given(5);
    setSeed(2);
    assert.deepEqual(given(5), first);
    assert.deepEqual(
      after(() => given(5)),
      after(() => {}),
    );
  });

  it("multinomial draws by the probabilities, and the same from the same seed", () => {
    setSeed(3);
    const logits = tf.log(tf.tensor1d([0.1, 0.6, 0.3])) as tf.Tensor1D;
    const drawn = taken(tf.multinomial(logits, 20_000));
    const shares = [0, 1, 2].map((k) => drawn.filter((value) => value === k).length / drawn.length);
    for (const [k, share] of [0.1, 0.6, 0.3].entries()) {
      assert.ok(Math.abs(shares[k]! - share) < 0.015, `${k}: ${shares[k]}`);
    }
    const [one, other] = [11, 11].map((seed) => taken(tf.multinomial(logits, 30, seed)));
    assert.deepEqual(one, other);
    const rows = tf.multinomial(tf.zeros([4, 5]) as tf.Tensor2D, 6);
    assert.deepEqual([rows.shape, rows.dtype], [[4, 6], "int32"]);
    tf.dispose([logits, rows]);
  });

  it("`Math.random` itself stays as it was, also when a function has failed", () => {
    const { random } = Math;
    setSeed(7);
    taken(tf.randomNormal([4]));
    assert.throws(() => tf.multinomial(tf.tensor1d([1]), 2), /at least 2 outcomes/);
    assert.equal(Math.random, random);
    const own = () => {
      setSeed(7);
      return [Math.random(), Math.random()];
    };
    assert.notDeepEqual(own(), own());
  });
});

/** Adds noise of tfjs' own, which keeps its step out of a graph. */
class Noise extends tf.layers.Layer {
  static className = "NoiseOfTfjs";
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const [x] = [inputs].flat();
      return tf.add(x!, tf.randomNormal(x!.shape, 0, 0.1));
    });
  }
}

describe("a whole training", () => {
  for (const engine of ["eager", "auto"] as const) {
    it(`with noise, dropout and shuffling repeats (${engine})`, async () => {
      const x = tf.tensor2d(Array.from({ length: 32 }, (_, i) => [Math.sin(i), Math.cos(i)]));
      const y = tf.tensor2d(Array.from({ length: 32 }, (_, i) => [i % 2]));
      const run = async () => {
        setSeed(9);
        const model = tf.sequential({
          layers: [
            tf.layers.dense({ units: 8, activation: "relu", inputShape: [2] }),
            ...(engine === "auto" ? [] : [new Noise()]),
            tf.layers.dropout({ rate: 0.3 }),
            tf.layers.dense({ units: 1, kernelInitializer: "orthogonal" }),
          ],
        });
        model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
        const options = { epochs: 2, batchSize: 8, verbose: 0, engine } as const;
        const { history } = await fit(model, [x, y], options);
        const { loss } = await evaluate(model, [x, y], { verbose: 0, engine });
        model.dispose();
        return [...history.loss!, loss];
      };
      const count = tf.memory().numTensors;
      assert.deepEqual(await run(), await run());
      assert.equal(tf.memory().numTensors, count);
      tf.dispose([x, y]);
    });
  }

  it("of noise that tfjs draws isn't compiled: it would be the same in each step", async () => {
    setSeed(9);
    const model = tf.sequential({
      layers: [tf.layers.dense({ units: 1, inputShape: [2] }), new Noise()],
    });
    model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
    const [x, y] = [tf.ones([4, 2]), tf.ones([4, 1])];
    await assert.rejects(
      fit(model, [x, y], { engine: "graph", verbose: 0 }),
      /asks `Math.random` for a number/,
    );
    tf.dispose([x, y]);
    model.dispose();
  });
});
