/** Pictures that TensorFlow can't give as wanted look as it would show them. */
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, describe, it } from "node:test";
import sharp from "sharp";
import { DataFileError } from "../../../lib/data";
import { ImageLoader } from "../../../lib/data/images/imageLoader";
import { runPythonFile } from "../../support/python";
import { temporaryFolder } from "../../support/temporaryFolder";

/** A file, how it is asked for, and what it has to be. */
interface Case {
  name: string;
  file: string;
  height: number;
  width: number;
  channels: 1 | 3 | 4;
  pixels: string;
  exif?: boolean;
  tolerance?: number;
}

/** A loader that changes no size, and what it says. */
function loaderOf({
  height,
  width,
  channels,
  exif = false,
}: Omit<Case, "name" | "pixels" | "file">) {
  const notes: string[] = [];
  const loader = new ImageLoader({
    ...{ height, width, channels, interpolation: "nearest", fit: "stretch", dtype: "uint8" },
    ...{ maxPixels: 1e6, exifOrientation: exif, skipErrors: false },
    note: (text) => notes.push(text),
  });
  return { loader, notes };
}

describe("a picture that TensorFlow can't give as wanted", () => {
  const folder = temporaryFolder();
  let cases: Case[];

  before(async () => {
    const printed = await runPythonFile("test/data/images/decodingOracle.py", [folder.path]);
    const made = JSON.parse(printed) as { cases: Case[]; readable: number };
    assert.ok(made.readable > 12, `Pillow has read ${made.readable} of the BMP files`);
    ({ cases } = made);
    const flat = fs.readFileSync(folder.join("flat.rgb"));
    await sharp(flat, { raw: { width: 24, height: 16, channels: 3 } })
      .avif({ lossless: true, chromaSubsampling: "4:4:4" })
      .toFile(folder.join("flat.avif"));
  });

  after(() => folder[Symbol.dispose]());

  it("looks as TensorFlow would show it, or as it was put into the file", async () => {
    assert.ok(cases.length > 100);
    for (const wanted of cases) {
      const { loader } = loaderOf(wanted);
      const { pixels } = await loader.load([folder.join(wanted.file)]);
      const expected = Buffer.from(wanted.pixels, "base64");
      assert.equal(pixels.length, expected.length, wanted.name);
      const differences = expected.map((value, i) => Math.abs(value - Number(pixels[i])));
      const most = Math.max(...differences);
      assert.ok(most <= (wanted.tolerance ?? 0), `${wanted.name}: ${most}`);
    }
  });

  it("is named once for each reason", async () => {
    const files = ["8 bits.bmp", "4 bits.bmp", "555.bmp", "runs of 8 bits.bmp", "24 bits.bmp"];
    const { loader, notes } = loaderOf({ height: 9, width: 13, channels: 3 });
    await loader.load(files.map((file) => folder.join(file)));
    assert.deepEqual(
      notes.map((note) => note.slice(0, note.indexOf(": "))),
      ["BMP with a palette", "BMP of 16 bits", "BMP with runs"].map(
        (kind) => `Files with ${kind}, which TensorFlow doesn't give as wanted, are converted`,
      ),
    );
  });

  it("is refused in words that name the file when nobody can read it", async () => {
    const refusals: [file: string, message: RegExp][] = [
      ["a JPEG inside.bmp", /a BMP file of 24 bits with compression 4, which isn't read here/],
      ["2 bits and a half.bmp", /a BMP file of 3 bits with compression 0, which isn't read here/],
      ["cut off.bmp", /it ends before its picture does/],
      ["cut off runs.bmp", /it ends before its picture does/],
      ["no palette.bmp", /it ends before its picture does/],
    ];
    for (const [file, message] of refusals) {
      const { loader } = loaderOf({ height: 9, width: 13, channels: 3 });
      await assert.rejects(loader.load([folder.join(file)]), (error: Error) => {
        assert.ok(error instanceof DataFileError, `${error}`);
        assert.match(error.message, message);
        assert.ok(error.message.includes(file));
        return true;
      });
    }
  });
});
