import assert from "node:assert/strict";
import path from "node:path";
import { describe, it } from "node:test";
import { joinText, readNotebook } from "../../scripts/notebooks/compare";
import { notebooksFolder } from "../../scripts/notebooks/paths";

/** The closing table of notebook 04: test accuracy by network. */
function closingTable(): Record<string, number> {
  const { cells } = readNotebook(path.join(notebooksFolder, "04-pretrained-convnet.ipynb"));
  const outputs = cells.flatMap((cell) => cell.outputs ?? []);
  const text = outputs
    .map((output) => (output.output_type === "stream" ? joinText(output.text) : ""))
    .join("");
  const rows = [...text.matchAll(/^(\S.*?) {2,}(0\.\d{3}) +[\d,]+ +\d+ s$/gm)];
  return Object.fromEntries(rows.map(([, name, accuracy]) => [name, Number(accuracy)]));
}

describe("the committed notebooks", () => {
  it("end with a table of every network of the chapter", () => {
    assert.deepEqual(Object.keys(closingTable()), [
      "from scratch",
      "augmented",
      "VGG16 features",
      "MobileNetV2 features",
      "frozen, augmented",
      "fine-tuned",
    ]);
  });

  it("show the chapter's lesson: from scratch < augmented < pretrained features ≤ fine-tuned", () => {
    const table = closingTable();
    const accuracy = (network: string) => table[network] ?? Number.NaN;
    assert.ok(accuracy("from scratch") > 0.55, "the small convnet learns something");
    assert.ok(accuracy("from scratch") < accuracy("augmented"));
    assert.ok(accuracy("augmented") < accuracy("MobileNetV2 features"));
    assert.ok(accuracy("MobileNetV2 features") <= accuracy("fine-tuned"));
  });
});
