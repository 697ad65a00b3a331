import assert from "node:assert/strict";
import { test } from "node:test";
import { Inference } from "../../lib/graph/inference";
import { nativeModule } from "../../lib/native";
import { DType } from "../../lib/tfjs";

/** Runs a function and counts how often it has TensorFlow infer an op. */
function questionsOf(run: (inference: Inference) => void): number {
  const native = nativeModule();
  const { inferOp } = native;
  const inference = new Inference();
  let questions = 0;
  native.inferOp = (...question: Parameters<typeof inferOp>) => {
    questions++;
    return inferOp(...question);
  };
  try {
    run(inference);
  } finally {
    native.inferOp = inferOp;
    inference.close();
  }
  return questions;
}

const ints = (...values: number[]) => Int32Array.from(values);

test("the same op on values of the same shapes is asked for once, in later traces too", () => {
  const strided = (stride: number) => (inference: Inference) => {
    const image = inference.value(DType.float32, [5, 31, 31, 3]);
    const filter = inference.value(DType.float32, [3, 3, 3, 8]);
    const attrs = {
      strides: { ints: [1, stride, stride, 1] },
      padding: { string: "VALID" },
      dilations: { ints: [1, 1, 1, 1] },
    };
    for (let i = 0; i < 3; i++) {
      const { outputs, attrs: all } = inference.op("Conv2D", attrs, [image, filter]);
      const size = stride === 1 ? 29 : 15;
      assert.deepEqual(outputs[0]!.shape, [5, size, size, 8]);
      assert.deepEqual(all.T, { type: DType.float32 });
    }
  };
  assert.equal(questionsOf(strided(1)), 1);
  assert.equal(questionsOf(strided(2)), 1);
  assert.equal(questionsOf(strided(1)), 0);
});

test("a shape that follows from values is another one for other values", () => {
  questionsOf((inference) => {
    const value = inference.value(DType.float32, [6, 4]);
    for (const sizes of [ints(3, 8), ints(8, 3), ints(24, 1), ints(3, 8)]) {
      const shape = inference.value(DType.int32, [2], sizes);
      assert.deepEqual(inference.op("Reshape", {}, [value, shape]).outputs[0]!.shape, [...sizes]);
    }
  });
});

test("a shape that is computed from a shape is followed, also behind values that were known before", () => {
  const reshaped = (size: number) => (inference: Inference) => {
    const value = inference.value(DType.float32, [size, 4]);
    const [negative] = inference.op("Neg", {}, [value]).outputs;
    const out = { out_type: { type: DType.int32 } };
    const [shape] = inference.op("Shape", out, [negative!]).outputs;
    const doubled = inference.op("Mul", {}, [
      shape!,
      inference.value(DType.int32, [2], ints(2, 1)),
    ]);
    const [wide] = inference.op("Cast", { DstT: { type: DType.float32 } }, doubled.outputs).outputs;
    const [sizes] = inference.op("Cast", { DstT: { type: DType.int32 } }, [wide!]).outputs;
    const [filled] = inference.op("Fill", {}, [sizes!, inference.value(DType.float32, [])]).outputs;
    assert.deepEqual(filled!.shape, [2 * size, 4]);
  };
  for (const size of [3, 4, 3]) questionsOf(reshaped(size));
});

test("what was asked for is not what a caller makes of it", () => {
  questionsOf((inference) => {
    const value = inference.value(DType.float32, [6, 11]);
    const first = inference.op("Neg", {}, [value]).outputs[0]!.shape as number[];
    first.push(1);
    const second = inference.op("Neg", {}, [value]).outputs[0]!.shape as number[];
    second.push(2);
    assert.deepEqual(inference.op("Neg", {}, [value]).outputs[0]!.shape, [6, 11]);
  });
});
