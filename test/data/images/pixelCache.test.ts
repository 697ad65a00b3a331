import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, describe, it } from "node:test";
import sharp from "sharp";
import { type ImageDataset, imageDatasetFromDirectory, tf } from "../../../lib/index";
import { printedBy } from "../../support/printed";
import { temporaryFolder } from "../../support/temporaryFolder";

/** All numbers of a pass. */
async function passOf(dataset: ImageDataset): Promise<number[]> {
  const numbers: number[] = [];
  await dataset.forEachAsync(({ xs, ys }) => {
    numbers.push(...xs.dataSync());
    tf.dispose([xs, ys]);
  });
  return numbers;
}

/** The lines about damage that are printed meanwhile. */
async function complaintsOf(work: () => Promise<unknown>): Promise<string[]> {
  return (await printedBy(work)).filter((line) => line.includes("damaged"));
}

const flip = (bytes: Buffer, at: number): Buffer => {
  bytes[at]! ^= 1;
  return bytes;
};

describe("a cache file of pixels", () => {
  const folder = temporaryFolder();
  let tensors: number;
  before(async () => {
    tensors = tf.memory().numTensors;
    for (const name of ["cat", "dog"]) {
      fs.mkdirSync(folder.join("images", name), { recursive: true });
      for (let i = 0; i < 3; i++) {
        const background = { r: i * 70, g: name === "cat" ? 10 : 90, b: 40 };
        const picture = sharp({ create: { width: 12, height: 8, channels: 3, background } });
        await picture.png().toFile(folder.join("images", name, `${i}.png`));
      }
    }
  });
  after(() => {
    assert.equal(tf.memory().numTensors, tensors, "no tensor is left");
    folder[Symbol.dispose]();
  });

  const make = (cache: string | boolean) =>
    imageDatasetFromDirectory(folder.join("images"), {
      verbose: 1,
      imageSize: 5,
      shuffle: false,
      batchSize: 2,
      cache,
    });

  for (const [where, damage] of [
    ["in its first image", (bytes: Buffer) => flip(bytes, 50)],
    ["in its last image", (bytes: Buffer) => flip(bytes, bytes.length - 40)],
    ["in its checksums", (bytes: Buffer) => flip(bytes, bytes.length - 1)],
    ["at its end", (bytes: Buffer) => bytes.subarray(0, -1)],
  ] as const) {
    it(`that is damaged ${where} gives the images' own pixels, says so once, and is mended`, async () => {
      using place = temporaryFolder();
      const file = place.join("pixels");
      let expected: number[] = [];
      const first = await complaintsOf(async () => {
        expected = await passOf(await make(file));
      });
      assert.deepEqual(first, []);
      fs.writeFileSync(file, damage(fs.readFileSync(file)));
      const complaints = await complaintsOf(async () => {
        const damaged = await make(file);
        for (let pass = 0; pass < 3; pass++) assert.deepEqual(await passOf(damaged), expected);
      });
      assert.deepEqual(complaints, [
        `${file} is damaged: its images are read from their files again.`,
      ]);
      assert.deepEqual(fs.readdirSync(place.path), ["pixels"]);
      const later = await complaintsOf(async () => {
        assert.deepEqual(await passOf(await make(file)), expected);
      });
      assert.deepEqual(later, []);
    });
  }

  it("that is removed while it is in use is made anew", async () => {
    using place = temporaryFolder();
    const file = place.join("pixels");
    await printedBy(async () => {
      const dataset = await make(file);
      const expected = await passOf(dataset);
      fs.rmSync(file);
      for (let pass = 0; pass < 2; pass++) assert.deepEqual(await passOf(dataset), expected);
    });
    assert.deepEqual(fs.readdirSync(place.path), ["pixels"]);
  });
});
