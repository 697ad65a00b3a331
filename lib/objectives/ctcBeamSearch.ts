/** The likeliest sequences of CTC's outputs, over all ways to say them. */
import type { Tensor, Tensor2D, Tensor3D } from "@tensorflow/tfjs-node-gpu";
import { DType, tf, throughAllWide } from "../tfjs";

/** Sequences that a search for the likeliest has found. */
export interface DecodedPaths {
  /** `[topPaths, batch, steps]` int32: the classes of the letters, then -1; the likeliest first. */
  decoded: Tensor3D;
  /** `[batch, topPaths]` float32: the logarithms of the sequences' probabilities. */
  scores: Tensor2D;
}

/** How to search. */
interface BeamSearch {
  /** How many steps of each sample count. */
  lengths: readonly number[];
  /** The class of the blank, from 0. */
  blank: number;
  beamWidth: number;
  topPaths: number;
}

/** Searches, step by step, among the `beamWidth` likeliest beginnings. */
export function beamSearch(
  logits: Tensor,
  { lengths, blank, beamWidth, topPaths }: BeamSearch,
): DecodedPaths {
  return tf.tidy(() => {
    const [batch, steps, classes] = logits.shape as [number, number, number];
    // TensorFlow's blank is the last class.
    const order = Array.from({ length: classes }, (_, i) => i).filter((each) => each !== blank);
    const inputs = tf.transpose(
      tf.gather(tf.cast(logits, "float32"), tf.tensor1d([...order, blank], "int32"), 2),
      [1, 0, 2],
    );
    const counts = tf.tensor1d([...lengths], "int32");
    const shape = tf.tensor1d([batch, steps], "int32");
    const none = tf.scalar(-1, "int32");
    const found = throughAllWide((op, all) => {
      const attrs = {
        beam_width: { int: beamWidth },
        top_paths: { int: topPaths },
        merge_repeated: { bool: false },
        T: { type: DType.float32 },
      };
      const outputs = all("CTCBeamSearchDecoder", [inputs, counts], {
        attrs,
        outputs: 3 * topPaths + 1,
      });
      const wide = (x: Tensor) =>
        op("Cast", [x], { SrcT: { type: DType.int32 }, DstT: { type: DType.int64 } });
      const [size, blanks] = [wide(shape), wide(none)];
      const dense = Array.from({ length: topPaths }, (_, path) => {
        const given = [outputs[path]!, size, outputs[topPaths + path]!, blanks];
        const types = { T: { type: DType.int64 }, Tindices: { type: DType.int64 } };
        return { ...op("SparseToDense", given, types), type: DType.int64 };
      });
      return [...dense, { ...outputs.at(-1)!, type: DType.float32 }];
    });
    const letters = tf.stack(found.slice(0, -1)) as Tensor3D;
    const isBehind = tf.cast(tf.greaterEqual(letters, tf.scalar(blank, "int32")), "int32");
    return { decoded: tf.add(letters, isBehind) as Tensor3D, scores: found.at(-1) as Tensor2D };
  });
}
