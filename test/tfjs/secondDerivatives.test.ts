/** Gradients of gradients, against TensorFlow's own in Python. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Scalar, Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { compiled, loadModel, losses, tf } from "../../lib/index";
import { runKernel, useNativeKernels } from "../../lib/tfjs";
import { runPythonFile } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";
import { largestDifference, leavesNoTensors } from "../support/tensors";

const wave = (shape: number[], start: number) =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) =>
      Math.sin(start + 1.7 * i),
    ),
    shape,
  );

const activations: Record<string, (x: Tensor) => Tensor> = {
  relu: tf.relu,
  relu6: tf.relu6,
  leakyRelu: tf.leakyRelu,
  elu: tf.elu,
  selu: tf.selu,
  sigmoid: tf.sigmoid,
  tanh: tf.tanh,
  softplus: tf.softplus,
  exp: tf.exp,
  softmax: tf.softmax,
  logSoftmax: tf.logSoftmax,
};

/** The sum of what a function of `x` gives, as its derivative for `x`. */
const slope = (fn: (x: Tensor) => Tensor, x: Tensor) => tf.grad((given) => tf.sum(fn(given)))(x);

describe("a gradient is trained through as in TensorFlow", () => {
  const folder = temporaryFolder();
  let python: Record<string, unknown[]>;
  before(async () => {
    useNativeKernels();
    python = JSON.parse(await runPythonFile("test/tfjs/secondDerivatives.py", [folder.path]));
  });
  after(() => folder[Symbol.dispose]());

  for (const [name, activation] of Object.entries(activations)) {
    it(`of tf.${name}`, () => {
      leavesNoTensors(() =>
        tf.tidy(() => {
          const [points, kernel] = [wave([3, 5], 0.3), wave([5, 4], 1.1)];
          const penalty = (weights: Tensor) => {
            const squares = (x: Tensor) => tf.square(activation(tf.matMul(x, weights)));
            return tf.sum(tf.square(slope(squares, points)));
          };
          const gradient = tf.grad(penalty)(kernel);
          const size = tf.max(tf.abs(gradient)).dataSync()[0]!;
          assert.ok(largestDifference(gradient, python[name]) < 1e-5 * size);
        }),
      );
    });
  }

  const critics = ["convolutions", "poolings", "classes", "volumes", "enlarged", "attentive"];
  for (const name of [...critics, "batch", "layer"]) {
    for (const engine of ["eager", "graph"] as const) {
      it(`of a critic's penalty: ${name}, ${engine}`, async () => {
        const model = await loadModel(folder.join(`${name}.keras`), { compile: false });
        const weights = model.trainableWeights.map((weight) => weight.read()) as Variable[];
        const classLoss = losses.sparseCategoricalCrossentropy({ fromLogits: true });
        const penalty = (pictures: Tensor) => {
          const scores = (x: Tensor) => {
            const output = model.apply(x, { training: true }) as Tensor;
            if (name !== "classes") return output;
            return classLoss(tf.tensor1d([0, 1, 2, 1], "int32"), output);
          };
          const slopes = tf.sum(tf.square(slope(scores, pictures)), [1, 2, 3]);
          return tf.mean(tf.square(tf.sub(tf.sqrt(slopes), 1))) as Scalar;
        };
        const both = (pictures: Tensor) => {
          const { value, grads } = tf.variableGrads(() => penalty(pictures), weights);
          return [value, ...weights.map((weight) => grads[weight.name] ?? tf.zerosLike(weight))];
        };
        const pictures = wave([4, 10, 10, 2], 0.7);
        const run = engine === "graph" ? compiled(both, { engine }) : both;
        const before = tf.memory().numTensors;
        for (let call = 0; call < 2; call++) {
          const found = await (engine === "graph" ? run(pictures) : tf.tidy(() => both(pictures)));
          for (const [i, numbers] of python[name]!.entries()) {
            const tensor = found[i]!;
            const wanted = [numbers].flat(8) as number[];
            const size = Math.max(1e-2, ...wanted.map(Math.abs));
            const difference = largestDifference(tensor, wanted);
            assert.ok(difference < 1e-4 * size, `${i}: ${difference} of ${size}`);
          }
          tf.dispose(found);
        }
        if ("dispose" in run) (run as { dispose(): void }).dispose();
        assert.equal(tf.memory().numTensors, before);
        tf.dispose(pictures);
        model.dispose();
      });
    }
  }

  it("is refused, and not lost, where it leads through an op that has no gradient", () => {
    const attrs = { T: { type: 1 } };
    const lost = (x: Tensor) => tf.square(runKernel("Erfinv", [x], { attrs })[0]!);
    const input = tf.tensor1d([0.1, 0.2]);
    assert.throws(() => slope(lost, input), /There is no gradient of TensorFlow's Erfinv\./);
    tf.dispose(input);
  });
});
