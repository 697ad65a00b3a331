/** The examples, each run as a user runs it, at a small size. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, describe, it } from "node:test";
import { promisify } from "node:util";
import sharp from "sharp";
import { repositoryRoot, runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";

const folder = temporaryFolder();
after(() => folder[Symbol.dispose]());

/** Runs an example in an empty folder of the system's, where nothing but its own place can help it. */
async function run(name: string, ...args: string[]) {
  const file = path.join(repositoryRoot, name.endsWith(".cjs") ? "" : ".build", "examples", name);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file, ...args], {
    cwd: folder.path,
  });
  assert.equal(stderr, "");
  return stdout.trimEnd().split("\n");
}

/** Two classes that differ in colour: `count` pictures each, of two sizes. */
async function drawPictures(into: string, count: number): Promise<void> {
  for (const [name, red] of Object.entries({ autumn: 200, winter: 60 })) {
    fs.mkdirSync(path.join(into, name), { recursive: true });
    for (let i = 0; i < count; i++) {
      const background = { r: red + i, g: 100 + 4 * i, b: 260 - red - i };
      const size = i % 2 === 0 ? { width: 40, height: 30 } : { width: 30, height: 50 };
      const picture = sharp({ create: { ...size, channels: 3, background } });
      await picture.png().toFile(path.join(into, name, `${String(i).padStart(2, "0")}.png`));
    }
  }
}

const keras = `
import json, sys, numpy as np, keras
from keras import layers as L
keras.utils.set_random_seed(1)
model = keras.Sequential([keras.Input((16, 20, 3)), L.Rescaling(1 / 255), L.Conv2D(4, 3, activation="relu"),
    L.GlobalAveragePooling2D(), L.Dense(3, activation="softmax")])
model.save(sys.argv[1])
pictures = keras.utils.image_dataset_from_directory(sys.argv[2], labels=None, image_size=(16, 20), shuffle=False,
    verbose=False)
print(json.dumps(model.predict(pictures, verbose=0).tolist()))
`;

describe("the examples", () => {
  it("are all run here, are short, and are explained", () => {
    const examples = path.join(repositoryRoot, "examples");
    const page = fs.readFileSync(path.join(examples, "README.md"), "utf8");
    const files = fs.readdirSync(examples).filter((name) => name !== "README.md");
    const all = [
      "browser.html",
      "captcha.ts",
      "contrastive.ts",
      "convmixer.ts",
      "curve.cjs",
      "detection.ts",
      "digits.ts",
      "distillation.ts",
      "gan.ts",
      "integrated-gradients.ts",
      "keras-file.ts",
      "multi-worker.ts",
      "pictures.ts",
      "server.ts",
      "super-resolution.ts",
      "unet.ts",
      "vit.ts",
      "zero-dce.ts",
    ];
    assert.deepEqual(files.sort(), all);
    for (const name of files) {
      const lines = fs.readFileSync(path.join(examples, name), "utf8").trimEnd().split("\n");
      assert.ok(lines.length <= 150, `${name} has ${lines.length} lines`);
      assert.ok(page.includes(`[${name}](${name})`), `README.md doesn't name ${name}`);
    }
  });

  it("digits.js learns digits, and the model that it reads back knows them", async () => {
    const last = (await run("digits.js", "digits.keras", "6000")).at(-1)!;
    const percent = /^digits\.keras: ([\d.]+) % of 10000 test digits are right$/.exec(last)?.[1];
    assert.ok(Number(percent) > 80, last);
    assert.ok(fs.existsSync(folder.join("digits.keras")));
  });

  it("gan.js makes steps of two optimizers and draws what it has made", async () => {
    const [losses, last] = await run("gan.js", "made.png", "6", "4");
    const [, judging, making] = /^step 6: judging ([\d.]+), making ([\d.]+)$/.exec(losses!)!;
    assert.ok(Number(judging) < 0.8 && Number(making) > 0.5, losses);
    assert.equal(last, "what it writes now: made.png");
    assert.equal((await sharp(folder.join("made.png")).metadata()).format, "png");
  });

  it("integrated-gradients.js shares a score out among pixels, all of it", async () => {
    const lines = await run("integrated-gradients.js", "pixels.png", "2000");
    assert.equal(lines.length, 4);
    for (const line of lines) {
      const said = /^\d: attributions (-?[\d.]+), the score rises by (-?[\d.]+)$/.exec(line)!;
      const [sum, rise] = [Number(said[1]), Number(said[2])];
      assert.ok(Math.abs(sum - rise) < 0.02 && rise > 0.2, line);
    }
    assert.ok(fs.existsSync(folder.join("pixels.png")));
  });

  it("distillation.js teaches a small network what a large one knows", async () => {
    const lines = await run("distillation.js", "1", "6000");
    const rights = ["teacher", "student"].map((name, i) => {
      const said = new RegExp(`^the ${name}, \\d+ weights: ([\\d.]+) % are right$`).exec(lines[i]!);
      return Number(said?.[1]);
    });
    assert.ok(rights[0]! > 80 && rights[1]! > 60, lines.join("; "));
  });

  /** Asserts that losses fall from epoch to epoch, and gives the share of test digits that are right. */
  const learnt = (lines: string[]): number => {
    const losses = lines.slice(0, -1).map((line) => Number(/: loss ([\d.]+)$/.exec(line)?.[1]));
    assert.ok(losses.length > 1 && losses.every((loss, i) => i === 0 || loss < losses[i - 1]!));
    return Number(/([\d.]+) % of 10000 test digits are right$/.exec(lines.at(-1)!)?.[1]);
  };

  it("vit.js learns digits from their patches, and the model that it reads back knows them", async () => {
    assert.ok(learnt(await run("vit.js", "vit.keras", "2000", "2")) > 50);
    assert.ok(fs.existsSync(folder.join("vit.keras")));
  });

  it("convmixer.js learns digits by mixing patches", async () => {
    assert.ok(learnt(await run("convmixer.js", "2000", "2", "16")) > 30);
  });

  /** Asserts that there is a number on each line but the last ones, and gives those numbers. */
  const numbersOf = (lines: string[], { behind }: { behind: RegExp }): number[] => {
    const numbers = lines.map((line) => Number(behind.exec(line)?.[1]));
    assert.ok(numbers.length > 1 && numbers.every(Number.isFinite), lines.join("; "));
    return numbers;
  };

  it("unet.js learns which pixels are of which shape, and draws its masks", async () => {
    const lines = await run("unet.js", "masks.png", "600", "5");
    const losses = numbersOf(lines.slice(0, -1), { behind: /: loss ([\d.]+), mean IoU [\d.]+$/ });
    assert.ok(losses.at(-1)! < losses[0]! / 2, lines.join("; "));
    const said = /mean ([\d.]+), background ([\d.]+), disc ([\d.]+), square .*, triangle /;
    const [, mean, background] = said.exec(lines.at(-1)!)!;
    // A network that sees background alone has a mean of a quarter of that.
    assert.ok(Number(mean) > 0.5 && Number(background) > 0.9, lines.at(-1));
    assert.equal((await sharp(folder.join("masks.png")).metadata()).format, "png");
  });

  it("captcha.js reads whole numbers of unknown length", async () => {
    const lines = await run("captcha.js", "captchas.png", "3000", "3");
    const losses = numbersOf(lines.slice(0, -1), { behind: /: loss ([\d.]+)$/ });
    assert.ok(losses.at(-1)! < losses[0]! / 4, lines.join("; "));
    const percent = /^([\d.]+) % of 1000 other numbers are right$/.exec(lines.at(-1)!)?.[1];
    assert.ok(Number(percent) > 40, lines.at(-1));
    assert.ok(fs.existsSync(folder.join("captchas.png")));
  });

  it("contrastive.js moves digits of one class together, so that one layer tells them apart", async () => {
    const lines = await run("contrastive.js", "3000", "3");
    const losses = numbersOf(lines.slice(0, -2), { behind: /: loss ([\d.]+)$/ });
    assert.ok(losses.at(-1)! < losses[0]! - 0.5, lines.join("; "));
    const said = /: likeness ([\d.]+) within classes, ([\d.]+) between; ([\d.]+) % are right$/;
    const [untrained, learnt] = lines.slice(-2).map((line) => {
      const [, within, between, right] = said.exec(line)!.map(Number);
      return { apart: within! - between!, right: right! };
    });
    assert.ok(learnt!.apart > untrained!.apart + 0.1, lines.join("; "));
    assert.ok(learnt!.right > untrained!.right + 10, lines.join("; "));
  });

  it("super-resolution.js gives pictures more than a bicubic enlargement does", async () => {
    const lines = await run("super-resolution.js", "larger.png", "40", "6");
    const bicubic = Number(/^bicubic: ([\d.]+) dB$/.exec(lines[0]!)?.[1]);
    const decibels = numbersOf(lines.slice(1), { behind: /^epoch \d+: ([\d.]+) dB$/ });
    assert.ok(decibels.at(-1)! > bicubic + 0.1, lines.join("; "));
    assert.ok(fs.existsSync(folder.join("larger.png")));
  });

  it("detection.js finds digits and says which they are", async () => {
    const lines = await run("detection.js", "boxes.png", "4000", "3");
    const losses = numbersOf(lines.slice(0, -1), { behind: /: loss ([\d.]+)$/ });
    assert.ok(losses.at(-1)! < losses[0]! / 1.5, lines.join("; "));
    const said = /^1000 others: mean IoU of boxes ([\d.]+), ([\d.]+) % are right$/;
    const [, iou, percent] = said.exec(lines.at(-1)!)!;
    assert.ok(Number(iou) > 0.5 && Number(percent) > 30, lines.at(-1));
    assert.ok(fs.existsSync(folder.join("boxes.png")));
  });

  it("zero-dce.js brightens pictures towards those that it has never seen", async () => {
    const lines = await run("zero-dce.js", "bright.png", "40", "60");
    const losses = numbersOf(lines.slice(0, -3), { behind: /^step \d+: loss ([\d.]+)$/ });
    assert.ok(losses.at(-1)! < losses[0]! / 2, lines.join("; "));
    const [dark, brightened] = numbersOf(lines.slice(-3, -1), {
      behind: /, ([\d.]+) from the real/,
    });
    assert.ok(brightened! < dark! / 2, lines.join("; "));
    assert.ok(fs.existsSync(folder.join("bright.png")));
  });

  it("multi-worker.ts learns digits in two processes, of which one prints and saves", async () => {
    const crew = path.join(repositoryRoot, "scripts/workers/crew.mjs");
    const script = path.join(repositoryRoot, "examples/multi-worker.ts");
    const given = JSON.stringify([script, folder.path, "4000", "1"]);
    const text = `import { runWorkers } from ${JSON.stringify(crew)};
      process.exitCode = await runWorkers(2, ${given});`;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      "--input-type=module",
      ...["-e", text],
    ]);
    assert.equal(stderr, "");
    const lines = stdout.trimEnd().split("\n");
    const said = /^\[0\] 2 workers: ([\d.]+) % of 10000 test digits are right$/.exec(lines.at(-1)!);
    assert.ok(Number(said?.[1]) > 70, lines.at(-1));
    assert.deepEqual(
      lines.filter((line) => !line.startsWith("[0] ")),
      [],
    );
    assert.ok(fs.existsSync(folder.join("digits.keras")));
  });

  it("pictures.js makes a model of a folder, and keras-file.js asks it about pictures", async () => {
    await drawPictures(folder.join("seasons"), 15);
    const lines = await run("pictures.js", "seasons", "seasons.keras", "6");
    assert.equal(lines[0], "Found 30 files belonging to 2 classes.");
    const said = /^autumn, winter: best validation accuracy ([\d.]+); model in seasons\.keras$/;
    assert.ok(Number(said.exec(lines.at(-1)!)?.[1]) > 0.8, lines.at(-1));

    const answers = await run("keras-file.js", "seasons.keras", "seasons");
    assert.equal(answers.length, 30);
    const right = answers.filter((line) => {
      const [, season, autumn, winter] = /^(\w+)\/\d\d\.png {2}([\d.]+) {2}([\d.]+)$/.exec(line)!;
      assert.ok(Math.abs(Number(autumn) + Number(winter) - 1) < 2e-4, line);
      return season === (Number(autumn) > 0.5 ? "autumn" : "winter");
    });
    assert.ok(right.length >= 27, `${right.length} of 30 are right`);
  });

  it("keras-file.js says of a model of Keras' what Keras says", async () => {
    await drawPictures(folder.join("few"), 3);
    const model = folder.join("keras.keras");
    const expected = JSON.parse(await runPython(keras, [model, folder.join("few")])) as number[][];
    const lines = await run("keras-file.js", model, "few");
    assert.equal(lines.length, 6);
    for (const [i, line] of lines.entries()) {
      const [file, ...numbers] = line.split("  ");
      assert.equal(file, `${i < 3 ? "autumn" : "winter"}/0${i % 3}.png`);
      for (const [k, value] of expected[i]!.entries()) {
        assert.ok(Math.abs(Number(numbers[k]) - value) <= 1e-4, `${line}: Keras has ${value}`);
      }
    }
  });

  it("curve.cjs writes a page with its curves", async () => {
    const [line] = await run("curve.cjs", "pages/curve.html", "40");
    assert.match(line!, /^40 epochs, loss \d\.\de-\d; curves in pages\/curve\.html$/);
    const page = fs.readFileSync(folder.join("pages/curve.html"), "utf8");
    assert.match(page, /<title>Fitting a sine<\/title>/);
  });

  it("keras-file.js says what is wrong, in one line, when there is no model", async () => {
    await assert.rejects(run("keras-file.js", "none.keras", "few"), (error: { stderr: string }) => {
      assert.match(error.stderr, /^InvalidArgumentError: `path` must be an existing file/);
      return true;
    });
  });
});
