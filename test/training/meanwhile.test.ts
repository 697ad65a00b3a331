/** What others see of a model, and may do to it, while `fit` trains it. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  type CallbackLike,
  evaluate,
  exportSavedModel,
  fit,
  loadModel,
  loadWeights,
  optimizers,
  predict,
  saveModel,
  saveWeights,
  tf,
} from "../../lib/index";
import { temporaryFolder } from "../support/temporaryFolder";
import { classifier, numbersOf, points, tensorCount } from "./models";

const STEPS = 8;
const EPOCHS = 60;

/** Steps that a run may make beyond the one that was asked for. */
const AHEAD = 60;

function model(): LayersModel {
  return classifier({ optimizer: optimizers.adam({ learningRate: 0.01 }) });
}

/** Batches that tell when a pass begins. */
function batches(onPass: () => void = () => {}) {
  const [x, y] = points(STEPS * 5);
  const [xs, ys] = [x.arraySync(), y.arraySync()];
  tf.dispose([x, y]);
  return tf.data.generator(function* () {
    onPass();
    for (let i = 0; i < STEPS; i++) {
      const rows = [5 * i, 5 * i + 5] as const;
      yield { xs: tf.tensor2d(xs.slice(...rows)), ys: tf.tensor1d(ys.slice(...rows), "int32") };
    }
  }) as never;
}

for (const engine of ["eager", "graph"] as const) {
  const quiet = { engine, verbose: 0 } as const;

  /** A `fit` that no callback looks into. */
  interface Running {
    trained: LayersModel;
    /** Resolves when so many steps are over. */
    at(step: number): Promise<void>;
    /** Lets it go on to its end, and waits for it. */
    end(): Promise<unknown>;
  }

  /** Starts one that stays near the step that was asked for last: it must not be over before others have looked. */
  function start(): Running {
    const trained = model();
    let done = 0;
    let asked = 0;
    let waiting: (() => void)[] = [];
    const changed = () => {
      const all = waiting;
      waiting = [];
      for (const go of all) go();
    };
    const until = async (isTrue: () => boolean) => {
      while (!isTrue()) await new Promise<void>((go) => waiting.push(go));
    };
    const counter: CallbackLike = {
      onlyReadsLogs: true,
      async onTrainBatchEnd() {
        done++;
        changed();
        await until(() => done < asked + AHEAD);
      },
    };
    const run = fit(trained, batches(), { epochs: EPOCHS, callbacks: counter, ...quiet });
    return {
      trained,
      at(step) {
        asked = Math.max(asked, step);
        changed();
        return until(() => done >= step);
      },
      end() {
        asked = Number.POSITIVE_INFINITY;
        changed();
        return run;
      },
    };
  }

  describe(`while fit trains with engine "${engine}"`, () => {
    /** The weights after each number of steps. */
    const states: number[][] = [];
    const [x, y] = points(10);

    /** After how many steps the weights were so. */
    const stepOf = (weights: number[]) =>
      states.findIndex((state) => state.every((value, i) => value === weights[i]));

    /** What `ask` says of a model with the weights after so many steps. */
    async function askedAt<T>(step: number, ask: (other: LayersModel) => Promise<T>): Promise<T> {
      const other = model();
      let from = 0;
      other.setWeights(
        other.getWeights().map(({ shape, size }) => {
          from += size;
          return tf.tensor(states[step]!.slice(from - size, from), shape);
        }),
      );
      const answer = await ask(other);
      other.dispose();
      return answer;
    }

    before(async () => {
      const trained = model();
      states.push(numbersOf(trained));
      const onTrainBatchEnd = () => {
        states.push(numbersOf(trained));
      };
      await fit(trained, batches(), { epochs: EPOCHS, callbacks: { onTrainBatchEnd }, ...quiet });
      trained.dispose();
    });

    after(() => tf.dispose([x, y]));

    it("weights and the optimizer's count are in the model at the end of each epoch", async () => {
      const trained = model();
      const seen: { weights: number[]; iterations: number }[] = [];
      const look = () =>
        seen.push({ weights: numbersOf(trained), iterations: trained.optimizer.iterations });
      await fit(trained, batches(look), { epochs: 4, ...quiet });
      assert.equal(seen.length, 4);
      for (const [epoch, { weights, iterations }] of seen.entries()) {
        assert.equal(iterations, epoch * STEPS);
        assert.deepEqual(weights, states[epoch * STEPS]);
      }
      trained.dispose();
    });

    it("what is saved is the last finished step, its count and its slots", async () => {
      using folder = temporaryFolder();
      const { trained, at, end } = start();
      for (const step of [3, 21, 101]) {
        await at(step);
        const name = folder.join(`${step}.keras`);
        await saveModel(trained, name);
        const saved = await loadModel(name);
        const found = stepOf(numbersOf(saved));
        assert.ok(found >= step, `${found}`);
        assert.equal(saved.optimizer.iterations, found);
        // Slots and weights are of one step: training goes on as it would have.
        const rest = STEPS - (found % STEPS);
        await fit(saved, ...restOfEpoch(rest));
        assert.deepEqual(numbersOf(saved), states[found + rest]);
        saved.dispose();
      }
      await end();
      trained.dispose();
    });

    /** The last steps of an epoch. */
    function restOfEpoch(steps: number): [never, { epochs: 1; engine: typeof engine; verbose: 0 }] {
      const last = (batches() as unknown as ReturnType<typeof tf.data.array>).skip(STEPS - steps);
      return [last as never, { epochs: 1, ...quiet }];
    }

    it("saveWeights, predict and evaluate see one finished step each", async () => {
      using folder = temporaryFolder();
      const { trained, at, end } = start();
      await at(11);
      const name = folder.join("some.weights.h5");
      await saveWeights(trained, name);
      const other = model();
      await loadWeights(other, name);
      const saved = stepOf(numbersOf(other));
      assert.ok(saved >= 11, `${saved}`);
      other.dispose();

      const outputs = async (asked: LayersModel) => {
        const values = (await predict(asked, x, quiet)) as Tensor;
        const numbers = [...values.dataSync()];
        values.dispose();
        return numbers;
      };
      const predicted = await outputs(trained);
      const before = stepOf(numbersOf(trained));
      assert.ok(before >= saved);
      // The weights may be those of a later epoch's end by now.
      const candidates = await Promise.all(
        states.slice(saved, before + 1).map((_, i) => askedAt(saved + i, outputs)),
      );
      assert.ok(candidates.some((each) => each.every((value, i) => value === predicted[i])));
      assert.ok(!(await askedAt(0, outputs)).every((value, i) => value === predicted[i]));

      const measured = await evaluate(trained, [x, y], quiet);
      const start0 = (await askedAt(0, (asked) => evaluate(asked, [x, y], quiet))) as number[];
      assert.notEqual(measured[0], start0[0]);
      await end();
      trained.dispose();
    });

    it("nobody but a callback may give the model other weights", async () => {
      using folder = temporaryFolder();
      const name = folder.join("other.weights.h5");
      await saveWeights(model(), name);
      const { trained, at, end } = start();
      await at(5);
      const weights = trained.getWeights().map((weight) => weight.clone());
      const [layer] = trained.layers;
      const state = await trained.optimizer.getWeights();
      const refusal = (what: string) =>
        new RegExp(
          `\`${what}\` would change the model "${trained.name}" while a \`fit\` trains it`,
        );
      await assert.rejects(loadWeights(trained, name), refusal("loadWeights"));
      await assert.rejects(loadWeights(trained, name, { byName: true }), refusal("loadWeights"));
      assert.throws(() => trained.setWeights(weights), refusal("setWeights"));
      assert.throws(() => layer!.setWeights(weights.slice(0, 2)), refusal("setWeights"));
      assert.throws(() => trained.loadWeights({}, false), refusal("loadWeights"));
      await assert.rejects(trained.optimizer.setWeights(state), refusal("setWeights"));
      await assert.rejects(fit(trained, [x, y], quiet), /is being trained by another `fit`/);
      await end();
      assert.deepEqual(numbersOf(trained), states.at(-1));
      await loadWeights(trained, name);
      trained.setWeights(weights);
      tf.dispose([weights, state.map(({ tensor }) => tensor)]);
      trained.dispose();
    });

    it("weights that a callback loads are trained on", async () => {
      using folder = temporaryFolder();
      const name = folder.join("first.weights.h5");
      const trained = model();
      const callbacks: CallbackLike = {
        async onEpochEnd(epoch) {
          if (epoch === 0) await saveWeights(trained, name);
          if (epoch !== 1) return;
          trained.setWeights(trained.getWeights().map((weight) => tf.zerosLike(weight)));
          await loadWeights(trained, name);
        },
      };
      await fit(trained, batches(), { epochs: 4, callbacks, ...quiet });
      assert.deepEqual(numbersOf(trained), states[3 * STEPS]);
      trained.dispose();
    });

    it("what looks on leaves no tensors", async () => {
      using folder = temporaryFolder();
      const { trained, at, end } = start();
      await at(2);
      const before = tensorCount();
      await saveModel(trained, folder.join("a.keras"));
      tf.dispose(await predict(trained, x, quiet));
      await evaluate(trained, [x, y], quiet);
      await exportSavedModel(trained, folder.join("exported"));
      await end();
      assert.ok(tensorCount() <= before);
      trained.dispose();
    });
  });
}
