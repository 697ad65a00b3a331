/** TensorFlow's hashes of whole numbers. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { DType, runKernel, tf, throughWide, type Wide, type WideOp } from "../tfjs";

/** Two numbers that make a hash another one. */
export type Salt = readonly [number, number];

/** The bucket of each number, from the number as text: FarmHash64, or SipHash64 with a salt. */
export function bucketsOfText(numbers: Tensor, count: number, salt: Salt | null): Tensor {
  const [text] = runKernel("AsString", [numbers], { attrs: { T: { type: DType.int32 } } });
  const buckets = { num_buckets: { int: count } };
  return throughWide(
    (op) =>
      salt === null
        ? op("StringToHashBucketFast", [text!], buckets)
        : op("StringToHashBucketStrong", [text!], { ...buckets, key: { ints: [...salt] } }),
    DType.int64,
  );
}

const T = { type: DType.uint64 };
/** What TensorFlow's crossed features begin with, 0xDECAFCAFFE, and their factor, 0xc6a4a7935bd1e995: low and high half. */
const START = [0xcafcaffe, 0xde];
const FACTOR = [0x5bd1e995, 0xc6a4a793];

/** The bucket of each combination of numbers, as `tf.sparse.cross_hashed` finds it. */
export function bucketsOfCross(features: readonly Tensor[], count: number): Tensor {
  return throughWide((op) => {
    const constant = (halves: readonly number[]) =>
      op(
        "Bitcast",
        [
          tf.tensor1d(
            halves.map((half) => half | 0),
            "int32",
          ),
        ],
        {
          T: { type: DType.int32 },
          type: T,
        },
      );
    const factor = constant(FACTOR);
    const shift = constant([47, 0]);
    const mixed = (value: Wide) =>
      op("BitwiseXor", [value, op("RightShift", [value, shift], { T })], { T });
    const times = (value: Wide) => op("Mul", [value, factor], { T });
    const joined = features.reduce<Wide>((hash, feature) => {
      const own = times(mixed(times(unsigned(op, feature))));
      const both = op("BitwiseXor", [op("BitwiseXor", [hash, factor], { T }), own], { T });
      return mixed(times(mixed(times(both))));
    }, constant(START));
    return op("FloorMod", [joined, constant([count, 0])], { T });
  }, DType.uint64);
}

/** Negative numbers wrap around, as in C. */
function unsigned(op: WideOp, numbers: Tensor): Wide {
  const wide = op("Cast", [numbers], {
    SrcT: { type: DType.int32 },
    DstT: { type: DType.int64 },
  });
  return op("Cast", [wide], { SrcT: { type: DType.int64 }, DstT: T });
}
