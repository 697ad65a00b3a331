/** Files, labels and pixels against those of Keras' own loader, on the same files. */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs-node-gpu";
import {
  type ImageDataset,
  type ImageDatasetOptions,
  imageDatasetFromDirectory,
  tf,
} from "../../../lib/index";
import { runPythonFile } from "../../support/python";
import { temporaryFolder } from "../../support/temporaryFolder";

/** What Keras made of one call. */
interface Case {
  folder: string;
  options: ImageDatasetOptions;
  parts: {
    filePaths: string[];
    classNames: string[] | null;
    labels?: { shape: number[]; dtype: string; values: number[] };
    shapes?: number[][];
    pixels?: string;
  }[];
}

type AnyDataset = ImageDataset | ImageDataset<Tensor4D>;

async function load(folder: string, options: ImageDatasetOptions): Promise<AnyDataset[]> {
  const loose = imageDatasetFromDirectory as (
    folder: string,
    options: ImageDatasetOptions,
  ) => Promise<AnyDataset | AnyDataset[]>;
  return [await loose(folder, options)].flat();
}

async function elements(dataset: AnyDataset): Promise<{ xs: Tensor; ys?: Tensor }[]> {
  const list: { xs: Tensor; ys?: Tensor }[] = [];
  const iterator = await dataset.iterator();
  for (;;) {
    const { value, done } = await iterator.next();
    if (done) return list;
    list.push(value instanceof tf.Tensor ? { xs: value } : value);
  }
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

describe("imageDatasetFromDirectory, compared with Keras", () => {
  const folder = temporaryFolder();
  let cases: Case[];

  before(async () => {
    await runPythonFile("test/data/images/kerasOracle.py", [folder.path]);
    cases = JSON.parse(fs.readFileSync(folder.join("cases.json"), "utf8"));
  });

  after(() => folder[Symbol.dispose]());

  it("lists the same files in the same order, for every seed and part of a split", async () => {
    for (const { folder: images, options, parts } of cases) {
      const datasets = await load(images, options);
      for (const [index, { filePaths, classNames }] of parts.entries()) {
        const what = `${path.basename(images)} ${JSON.stringify(options)}`;
        assert.deepEqual(datasets[index]!.filePaths, filePaths, what);
        assert.deepEqual(datasets[index]!.classNames, classNames ?? [], what);
      }
    }
  });

  it("gives the same batches: shapes, labels, and every pixel to the last bit", async () => {
    let compared = 0;
    const before = tf.memory().numTensors;
    for (const { folder: images, options, parts } of cases) {
      const datasets = await load(images, options);
      for (const [index, expected] of parts.entries()) {
        if (expected.pixels === undefined) continue;
        const what = JSON.stringify(options);
        const batches = await elements(datasets[index]!);
        assert.equal(batches.length, datasets[index]!.size, what);
        assert.deepEqual(
          batches.map(({ xs }) => xs.shape),
          expected.shapes,
          what,
        );
        const bytes = fs.readFileSync(expected.pixels);
        const pixels = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
        let position = 0;
        for (const { xs } of batches) {
          const values = xs.dataSync() as Float32Array;
          const wanted = pixels.subarray(position, position + values.length);
          assert.equal(largestDifference(values, wanted), 0, what);
          position += values.length;
        }
        assert.equal(position, pixels.length, what);
        compared += batches.reduce((sum, { xs }) => sum + (xs.rank === 4 ? xs.shape[0]! : 1), 0);
        if (expected.labels !== undefined) {
          const labels = batches.map(({ ys }) => ys!);
          assert.deepEqual(
            labels.flatMap((ys) => [...ys.dataSync()]),
            expected.labels.values,
            what,
          );
          assert.equal(labels[0]!.dtype, expected.labels.dtype, what);
          const tail = options.batchSize === null ? [] : expected.labels.shape.slice(1);
          assert.deepEqual(labels[0]!.shape.slice(1), tail, what);
        }
        tf.dispose(batches);
      }
    }
    assert.equal(tf.memory().numTensors, before);
    assert.ok(compared > 22 * 280, `${compared} images were compared`);
  });
});
