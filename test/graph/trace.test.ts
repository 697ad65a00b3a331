import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { KeySource, randomUniform } from "../../lib/engine";
import {
  assemble,
  GraphBuilder,
  generalize,
  type HostTensor,
  NotCompilableError,
  type Recorder,
  Session,
  TRACED_SIZES,
  trace,
} from "../../lib/graph";
import { DType, nodeBackend, tf, useNativeKernels } from "../../lib/tfjs";

useNativeKernels();

type Step = (x: Tensor, recorder: Recorder) => Tensor;

/** Compiles a function of one [batch, width] tensor and returns what runs it. */
async function compile(step: Step, { width = 4, parameters = {} as Record<string, number> } = {}) {
  const traces = TRACED_SIZES.map((size) => {
    const x = tf.ones([size, width]);
    const recorded = trace((recorder) => [tf.tidy(() => step(x, recorder))], {
      inputs: { x },
      parameters,
    });
    x.dispose();
    return recorded;
  });
  const general = generalize(traces[0]!, traces[1]!);
  const graph = new GraphBuilder();
  const input = graph.placeholder("x", DType.float32, [-1, width]);
  const keys = graph.placeholder("keys", DType.int32, [general.keys.length, 2]);
  const rate = graph.placeholder("rate", DType.float32, []);
  const batch = graph.placeholder("batch", DType.int32, []);
  const { outputs } = assemble(general, {
    graph,
    inputs: { x: input },
    parameters: { rate },
    keys,
    batch,
    variable: () => {
      throw new Error("no variables here");
    },
  });
  const session = await Session.open(graph);
  const run = async (values: Float32Array, extra: Record<string, HostTensor> = {}) => {
    const size = values.length / width;
    const feeds = {
      x: { dtype: DType.float32, shape: [size, width], data: values },
      batch: { dtype: DType.int32, shape: [], data: Int32Array.of(size) },
      ...extra,
    };
    const [result] = await session.run(feeds, { fetches: outputs });
    return result!;
  };
  return { run, general, close: () => session.close() };
}

async function sameAsEager(step: (x: Tensor) => Tensor, size: number): Promise<void> {
  const tensors = tf.memory().numTensors;
  const compiled = await compile(step);
  const values = Float32Array.from({ length: size * 4 }, (_, i) => Math.sin(i) + 0.1);
  const expected = tf.tidy(() => step(tf.tensor2d(values, [size, 4])).dataSync());
  const { data } = await compiled.run(values);
  compiled.close();
  for (let i = 0; i < expected.length; i++) {
    assert.ok(Math.abs(Number(data[i]) - expected[i]!) <= 1e-6, `${i}: ${data[i]} ${expected[i]}`);
  }
  assert.equal(tf.memory().numTensors, tensors);
}

const steps: Record<string, (x: Tensor) => Tensor> = {
  "a mean over the batch": (x) => tf.mean(tf.square(x)),
  "a divisor that is the batch size": (x) => tf.div(tf.sum(x), x.shape[0]!),
  "a factor that is one over the batch size": (x) => tf.mul(tf.sum(x), 1 / x.shape[0]!),
  "a reshape that holds the batch size": (x) => tf.reshape(tf.exp(x), [x.shape[0]! * 2, 2]),
  "ones of the batch's shape": (x) => tf.mul(tf.ones([x.shape[0]!, 1]), tf.sum(x)),
  "a gradient": (x) => tf.grad((v) => tf.mean(tf.mul(tf.relu(v), v)))(x),
  "a mean of booleans, where tfjs names the wrong dtype": (x) =>
    tf.mean(tf.cast(tf.greater(x, 0), "bool")),
};

for (const [name, step] of Object.entries(steps)) {
  for (const size of [1, 2, 3, 7]) {
    test(`${name}, traced at five and seven, is right for a batch of ${size}`, () =>
      sameAsEager(step, size));
  }
}

test("random numbers are drawn in the graph, fresh for each key and the same as eager ones", async () => {
  const source = new KeySource(5);
  const step = (x: Tensor) => tf.add(tf.mul(x, 0), randomUniform([x.shape[0]!, 4], source));
  const compiled = await compile(step);
  const keysOf = (keys: KeySource[]) => ({
    keys: { dtype: DType.int32, shape: [1, 2], data: Int32Array.from(keys[0]!.next()) },
  });
  const draws: number[][] = [];
  for (let i = 0; i < 2; i++) {
    const { data } = await compiled.run(new Float32Array(20), keysOf(compiled.general.keys));
    draws.push([...(data as Float32Array)]);
  }
  compiled.close();
  const eager = new KeySource(5);
  const expected = [0, 1].map(() => {
    const drawn = randomUniform([5, 4], eager);
    const values = [...drawn.dataSync()];
    drawn.dispose();
    return values;
  });
  assert.deepEqual(draws, expected);
  assert.notDeepEqual(draws[0], draws[1]);
});

test("a parameter changes from run to run, also where tfjs holds its negative", async () => {
  const kept = tf.scalar(-0.0123); // as tf.train.sgd keeps −learningRate from before the step
  const step = (x: Tensor) => tf.add(tf.mul(x, kept), tf.mul(x, 0.0123));
  const compiled = await compile(step, { parameters: { rate: 0.0123 } });
  const rate = (value: number) => ({
    rate: { dtype: DType.float32, shape: [], data: Float32Array.of(value) },
  });
  const { data } = await compiled.run(new Float32Array(4).fill(1), rate(3));
  assert.deepEqual([...(data as Float32Array)], [0, 0, 0, 0]);
  compiled.close();
  kept.dispose();
});

test("a tensor from before the trace becomes a constant", async () => {
  const table = tf.tensor1d([1, 2, 3, 4]);
  table.add(0).dispose(); // now TensorFlow has it
  await sameAsEager((x) => tf.mul(x, table), 5);
  table.dispose();
});

test("a step that makes data in JavaScript is refused with the tensor's shape", async () => {
  await assert.rejects(
    () => compile((x) => tf.mul(x, tf.randomUniform([x.shape[0]!, 4]))),
    (error: Error) =>
      error instanceof NotCompilableError &&
      /makes data in JavaScript: Tensor\(float32, \[5, 4\]\)/.test(error.message),
  );
});

test("a step that reads values back is refused", async () => {
  await assert.rejects(
    () => compile((x) => tf.mul(x, tf.sum(x).dataSync()[0]!)),
    /reads values back into JavaScript/,
  );
});

test("a step whose course depends on the batch size is refused", async () => {
  await assert.rejects(
    () => compile((x) => (x.shape[0] === 5 ? tf.exp(x) : tf.square(x))),
    /takes another course/,
  );
});

test("a trace computes nothing: a failing kernel does not fail it, and variables keep their values", () => {
  const variable = tf.variable(tf.ones([2]));
  const x = tf.tensor1d([0, 5], "int32");
  // Row 5 does not exist; TensorFlow's kernel would refuse it.
  const recorded = trace(() => [tf.tidy(() => tf.mul(tf.gather(tf.eye(3), x), 1))], {
    inputs: { x },
  });
  assert.deepEqual(recorded.ops.at(-1)!.outputs[0]!.shape, [2, 3]);
  assert.deepEqual([...variable.dataSync()], [1, 1]);
  tf.dispose([variable, x]);
});

test("after a trace, and after a failing one, tfjs runs on its own binding again", () => {
  const { binding, getInputTensorIds } = nodeBackend();
  const tensors = tf.memory().numTensors;
  const x = tf.ones([2, 4]);
  trace(() => [tf.exp(x)], { inputs: { x } });
  assert.throws(() =>
    trace(
      () => {
        throw new Error("mine");
      },
      { inputs: { x } },
    ),
  );
  x.dispose();
  assert.equal(nodeBackend().binding, binding);
  assert.equal(nodeBackend().getInputTensorIds, getInputTensorIds);
  assert.equal(tf.memory().numTensors, tensors);
});
