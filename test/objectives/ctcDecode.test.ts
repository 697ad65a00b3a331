/** Decoding of CTC's outputs beside `keras.ops.ctc_decode`. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { compiled, ctcDecode, InvalidArgumentError, tf } from "../../lib/index";
import { runPython } from "../support/python";
import { leavesNoTensors } from "../support/tensors";

const [BATCH, STEPS, CLASSES] = [9, 14, 4];

const program = `
import json, sys, numpy as np, keras
given = json.loads(sys.argv[1])
logits = np.random.default_rng(1).normal(size=given["shape"]).astype("float32")
logits[0, :, 2] += 9 # one class in all steps
logits[1, :, 0] += 9 # the blank in all steps
answers = []
for options in given["options"]:
    lengths = options.get("sequenceLengths", [given["shape"][1]] * given["shape"][0])
    decoded, scores = keras.ops.ctc_decode(logits, lengths, merge_repeated=options.get("mergeRepeated", True),
        mask_index=options.get("maskIndex", 0))
    answers.append(dict(decoded=np.array(decoded)[0].tolist(), scores=np.array(scores).tolist()))
paths = []
for options in given["searches"]:
    lengths = options.get("sequenceLengths", [given["shape"][1]] * given["shape"][0])
    blank = options.get("maskIndex", 0) % given["shape"][2]
    decoded, scores = keras.ops.ctc_decode(logits, lengths, strategy="beam_search", mask_index=blank,
        beam_width=options.get("beamWidth", 100), top_paths=options.get("topPaths", 1))
    paths.append(dict(decoded=np.array(decoded).tolist(), scores=np.array(scores).tolist()))
print(json.dumps(dict(paths=paths, logits=logits.tolist(), answers=answers)))
`;

const cases = [
  {},
  { mergeRepeated: false },
  { maskIndex: 2 },
  { maskIndex: -1 },
  { sequenceLengths: [14, 1, 3, 0, 9, 14, 7, 2, 13] },
  { sequenceLengths: [5, 5, 5, 5, 5, 5, 5, 5, 5], mergeRepeated: false, maskIndex: 3 },
];

/** Keras takes a blank that counts from the last class for something else: it is given the same from the first. */
const searches = [
  {},
  { topPaths: 3 },
  { beamWidth: 4, topPaths: 4, maskIndex: 2 },
  { maskIndex: -1, topPaths: 2 },
  { maskIndex: -3, beamWidth: 7, sequenceLengths: [14, 1, 3, 2, 9, 14, 7, 2, 13] },
];

interface Answers {
  paths: { decoded: number[][][]; scores: number[][] }[];
  logits: number[][][];
  answers: { decoded: number[][]; scores: number[][] }[];
}

describe("ctcDecode", () => {
  let keras: Answers;
  before(async () => {
    const given = JSON.stringify({ shape: [BATCH, STEPS, CLASSES], options: cases, searches });
    keras = JSON.parse(await runPython(program, [given])) as Answers;
  });

  for (const [i, options] of cases.entries()) {
    it(`finds what Keras finds, with ${JSON.stringify(options)}`, () => {
      leavesNoTensors(() => {
        const logits = tf.tensor3d(keras.logits);
        const { decoded, scores } = ctcDecode(logits, options);
        const expected = keras.answers[i]!;
        assert.equal(decoded.dtype, "int32");
        assert.deepEqual(decoded.arraySync(), expected.decoded);
        assert.deepEqual(scores.shape, [BATCH, 1]);
        for (const [k, [score]] of scores.arraySync().entries()) {
          assert.ok(Math.abs(score! - expected.scores[k]![0]!) < 1e-5, `score of ${k}`);
        }
        tf.dispose([logits, decoded, scores]);
      });
    });
  }

  for (const [i, options] of searches.entries()) {
    it(`finds the likeliest sequences that Keras finds, with ${JSON.stringify(options)}`, () => {
      leavesNoTensors(() => {
        const logits = tf.tensor3d(keras.logits);
        const { decoded, scores } = ctcDecode(logits, { strategy: "beamSearch", ...options });
        const expected = keras.paths[i]!;
        assert.equal(decoded.dtype, "int32");
        assert.deepEqual(decoded.arraySync(), expected.decoded);
        assert.deepEqual(scores.shape, [BATCH, options.topPaths ?? 1]);
        for (const [k, score] of [...scores.dataSync()].entries()) {
          assert.ok(Math.abs(score - expected.scores.flat()[k]!) < 1e-5, `score of ${k}`);
        }
        tf.dispose([logits, decoded, scores]);
      });
    });
  }

  it("searches eagerly in a compiled function", async () => {
    const logits = tf.tensor3d(keras.logits);
    const search = (given: tf.Tensor3D) =>
      ctcDecode(given, { strategy: "beamSearch", topPaths: 3 }).decoded;
    const decode = compiled(search);
    for (let i = 0; i < 2; i++) {
      const decoded = await decode(logits);
      assert.deepEqual(decoded.arraySync(), keras.paths[1]!.decoded);
      decoded.dispose();
    }
    decode.dispose();
    logits.dispose();
  });

  it("can be part of a compiled function", async () => {
    const logits = tf.tensor3d(keras.logits);
    const decode = compiled((given: tf.Tensor3D) => ctcDecode(given).decoded);
    for (let i = 0; i < 2; i++) {
      const decoded = await decode(logits);
      assert.deepEqual(decoded.arraySync(), keras.answers[0]!.decoded);
      decoded.dispose();
    }
    decode.dispose();
    logits.dispose();
  });

  it("refuses what it can't decode, and leaves nothing", () => {
    const logits = tf.zeros([2, 5, 3]);
    const refused: [() => unknown, RegExp][] = [
      [
        () => ctcDecode(tf.zeros([5, 3])),
        /`logits` must be a tensor \[batch, steps, classes\]. Received: logits=Tensor\(float32, \[5, 3\]\)/,
      ],
      [() => ctcDecode(null as never), /`logits` must be a tensor .* Received: logits=null/],
      [
        () => ctcDecode([[[1, 2]]] as never),
        /`logits` must be a tensor .* Received: logits=\[\[\[1/,
      ],
      [() => ctcDecode(logits, { maskIndex: 3 }), /`maskIndex` must be .*-3.*2/],
      [() => ctcDecode(logits, { maskIndex: -4 }), /`maskIndex` must be/],
      [
        () => ctcDecode(logits, { sequenceLengths: [5] }),
        /must be 2 numbers of steps, one for each/,
      ],
      [() => ctcDecode(logits, { sequenceLengths: [5, 6] }), /each from 0 to 5/],
      [() => ctcDecode(logits, { sequenceLengths: [5, 1.5] }), /each from 0 to 5/],
      [() => ctcDecode(logits, { mergeRepeated: 1 as never }), /`mergeRepeated` must be true or/],
      [
        () => ctcDecode(logits, { strategy: "beam_search" } as never),
        /`strategy` must be .*beamSearch/,
      ],
      [() => ctcDecode(logits, { beamWidth: 3 } as never), /no option `beamWidth`/],
      [
        () => ctcDecode(logits, { strategy: "beamSearch", mergeRepeated: true } as never),
        /no option `mergeRepeated`/,
      ],
      [
        () => ctcDecode(logits, { strategy: "beamSearch", beamWidth: 3, topPaths: 4 }),
        /`topPaths` must be .*1.*3/,
      ],
    ];
    tf.tidy(() => {
      for (const [decode, message] of refused) {
        assert.throws(
          decode,
          (error) => error instanceof InvalidArgumentError && message.test(error.message),
        );
      }
    });
    logits.dispose();
  });
});
