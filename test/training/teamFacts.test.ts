/** What several workers must have in common, told by its name where they haven't. */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { tf } from "../../lib/index";
import { type Agreement, factsOf, refuseDifferences } from "../../lib/training/teamFacts";
import { repositoryRoot } from "../support/python";

function facts({ units = 1, optimizer = "sgd", loss = "meanSquaredError" } = {}): Agreement {
  const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units })] });
  model.compile({ optimizer, loss });
  const seen = factsOf(model);
  model.dispose();
  return seen;
}

describe("workers", () => {
  it("agree where model, compilation and versions are the same", () => {
    refuseDifferences([facts(), facts(), facts()]);
  });

  const chief: Agreement = { ...facts(), batchSize: 32 };
  const others: [title: string, other: Agreement, message: RegExp][] = [
    [
      "another model",
      { ...facts({ units: 2 }), batchSize: 32 },
      /the model's layers are another\./,
    ],
    ["another optimizer", { ...facts({ optimizer: "adam" }), batchSize: 32 }, /the optimizer is/],
    ["another loss", { ...facts({ loss: "meanAbsoluteError" }), batchSize: 32 }, /the loss or/],
    [
      "another batch size",
      { ...chief, batchSize: 16 },
      /`batchSize` is another \(16, the chief's 32\)/,
    ],
    ["no batch size", facts(), /`batchSize` is another \(undefined, the chief's 32\)/],
    [
      "another version of the library",
      { ...chief, library: "0.1.0" },
      /the library's version is another \("0\.1\.0", the chief's "\d+\.\d+\.\d+"\)/,
    ],
    [
      "another TensorFlow",
      { ...chief, tensorflow: "2.20.0" },
      /TensorFlow's version is another \("2\.20\.0", the chief's "/,
    ],
  ];
  for (const [title, other, message] of others) {
    it(`refuse one with ${title}, by its number`, () => {
      assert.throws(
        () => refuseDifferences([chief, chief, other]),
        (error: Error) => {
          assert.match(error.message, /^Worker 2 computes something else than the chief: /);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  it("have the version that the package has", () => {
    const manifest = fs.readFileSync(path.join(repositoryRoot, "lib/package.json"), "utf8");
    assert.equal(chief.library, (JSON.parse(manifest) as { version: string }).version);
  });
});
