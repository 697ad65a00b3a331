import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { before, describe, it } from "node:test";
import { promisify } from "node:util";
import { numberText } from "../../lib/training/progress";
import { startKernel } from "../support/kernel";

const number = String.raw`\d\.\d{4}(e-\d\d)?`;
const time = String.raw`\d+s \d+(s|ms|us)\/step`;

describe("progress", () => {
  /** What each part of printing.ts writes into a pipe. */
  let parts: string[];
  before(async () => {
    const script = path.join(__dirname, "printing.js");
    const { stdout } = await promisify(execFile)(process.execPath, [script]);
    parts = stdout.split("-- next\n");
  });

  it("shows each epoch in one line, as Keras does", () => {
    const line = new RegExp(
      `^10/10 ━{20} ${time} - accuracy: ${number} - loss: ${number} - val_accuracy: ${number} - val_loss: ${number}$`,
    );
    const lines = parts[0]!.trimEnd().split("\n");
    assert.equal(lines[0], "Epoch 1/2");
    assert.match(lines[1]!, line);
    assert.equal(lines[2], "Epoch 2/2");
    assert.match(lines[3]!, line);
    assert.equal(lines.length, 4);
  });

  it("is short with verbose 2, and silent with 0", () => {
    const line = `^2/2 - \\d+s - \\d+(s|ms|us)/step - accuracy: ${number} - loss: ${number}\\n$`;
    assert.match(parts[1]!, new RegExp(line));
    assert.equal(parts[2], "");
  });

  it("shows evaluation and prediction, too", () => {
    const line = `^2/2 ━{20} ${time} - accuracy: ${number} - loss: ${number}\\n$`;
    assert.match(parts[3]!, new RegExp(line));
    assert.match(parts[4]!, new RegExp(`^2/2 ━{20} ${time}\\n$`));
  });

  it("keeps the last step in the line when a run fails", () => {
    const lines = parts[5]!.trimEnd().split("\n");
    assert.equal(lines[0], "Epoch 1/2");
    assert.match(lines[1]!, new RegExp(`^ 1/10 ━{2}─{18} .*loss: ${number}$`));
    assert.equal(lines.length, 2);
  });

  it("is one output of a cell, however many epochs there are", async () => {
    const kernel = await startKernel();
    try {
      const { messages, status } = await kernel.run(`
        const { fit } = require("./.build/lib");
        const { classifier, points } = require("./.build/test/training/models");
        const history = await fit(classifier(), points(8), { epochs: 26, engine: "eager" });`);
      assert.equal(status, "ok");
      assert.equal(messages.filter(({ type }) => type === "display_data").length, 1);
      const last = messages.findLast(({ type }) => type === "update_display_data")!;
      const { "text/plain": text } = last.content.data as { "text/plain": string };
      const lines = text.split("\n");
      assert.equal(lines.length, 52);
      assert.equal(lines[50], "Epoch 26/26");
      assert.match(lines[51]!, new RegExp(`^1/1 ━{20} ${time} - accuracy: ${number}`));
    } finally {
      await kernel.stop();
    }
  });

  it("writes numbers as Python does", () => {
    assert.deepEqual([0.5, 12.34567, 1e-4, 0, Number.NaN, -0.25].map(numberText), [
      "0.5000",
      "12.3457",
      "1.0000e-04",
      "0.0000e+00",
      "nan",
      "-0.2500",
    ]);
  });
});
