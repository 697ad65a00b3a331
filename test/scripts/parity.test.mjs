// @ts-check
/** `npm run parity` in short: one layer, on a page of its own. */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { root } from "../../scripts/setup/paths.mjs";
import { runProgram, temporaryFolder } from "./support.mjs";

const script = path.join(root, ".build/scripts/parity/parity.js");

/** @param {string[]} line */
const parity = (line) => runProgram([process.execPath, script, ...line], { cwd: root });

test("a layer is tried with each of its options, and the page says what came of it", async (t) => {
  const page = path.join(temporaryFolder(t), "matrix.md");
  const { code, output } = await parity(["--only", "RepeatVector", "--page", page]);
  assert.equal(code, 0, output);
  const text = fs.readFileSync(page, "utf8");
  assert.match(
    text,
    /^\| `RepeatVector` \| 2\/2 \| [\de-]+ \| [\de-]+ \| [\de-]+ \| defaults · `n=3` \| {2}\|$/m,
  );
  assert.match(output, /^2 of 2 pass, 100\.0 %, in .*matrix\.md says which\.$/m);
});

test("a name that Keras hasn't ends with 1 and leaves the page as it was", async (t) => {
  const page = path.join(temporaryFolder(t), "matrix.md");
  fs.writeFileSync(page, "before");
  const { code, output } = await parity(["--only", "Conv4D", "--page", page]);
  assert.equal(code, 1, output);
  assert.match(output, /nothing of these names in Keras\. Received: --only Conv4D/);
  assert.equal(fs.readFileSync(page, "utf8"), "before");
});
