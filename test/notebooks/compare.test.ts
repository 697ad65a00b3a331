import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Cell,
  compareNotebooks,
  describeMismatch,
  type Output,
} from "../../scripts/notebooks/compare";
import { allowing, codeCell, display, notebookOf, stdout } from "./build";

/** What differs between a cell's committed outputs and new ones. */
async function differences(
  committed: Output[],
  now: Output[],
  metadata: Cell["metadata"] = {},
): Promise<string[]> {
  const mismatches = await compareNotebooks(
    notebookOf(codeCell(committed, metadata)),
    notebookOf(codeCell(now, metadata)),
  );
  return mismatches.map(({ what }) => what);
}

const textDiffers = ["stdout: the text differs"];

/** Whether two texts on stdout match. */
async function matches(committed: string, now: string, metadata?: Cell["metadata"]) {
  return (await differences([stdout(committed)], [stdout(now)], metadata)).length === 0;
}

describe("compareNotebooks on text", () => {
  it("fails a changed word and a changed number", async () => {
    assert.deepEqual(await differences([stdout("relu\n")], [stdout("tanh\n")]), textDiffers);
    assert.deepEqual(await differences([stdout("loss 0.25")], [stdout("loss 0.26")]), textDiffers);
  });

  it("passes when only durations, rates, dates or memory changed", async () => {
    const runs: [string, string][] = [
      ["938/938 - 12s 13ms/step - loss: 0.25", "938/938 - 9s 9ms/step - loss: 0.25"],
      ["938/938 ━━━━ 1:05 13ms/step", "938/938 ━━━━ 59s 9ms/step"],
      ["took 1 min 05 s", "took 58.2 seconds"],
      ["trained in 1h 2m", "trained in 3 hours"],
      ["852M/852M [00:12<00:00, 68.1MB/s]", "852M/852M [01:40<00:00, 8.5MB/s]"],
      ["2,690 images/s", "650.5 images/s"],
      ["at 2026-11-24T20:11:32.719Z", "at 2025-01-02T03:04:05Z"],
      ["on Tue Nov 24 2026 20:01:20 GMT+0000 (UTC)", "on Wed Nov 25 2026 20:01:20 GMT+0100 (CET)"],
      ["memory: 1.2 GB", "memory: 890 MB"],
    ];
    for (const [committed, now] of runs) assert.ok(await matches(committed, now), committed);
  });

  it("passes the same file in another checkout or temporary folder", async () => {
    assert.ok(
      await matches("To: /home/you/convnets/data/cats.zip", "To: /home/me/my.repo/data/cats.zip"),
    );
    assert.ok(
      await matches("in /tmp/convnets-aX3/model.keras", "in /tmp/convnets-9kk/model.keras"),
    );
    assert.ok(
      !(await matches(
        "To: /home/you/convnets/data/cats.zip",
        "To: /home/you/convnets/data/dogs.zip",
      )),
    );
    assert.ok(!(await matches("https://a.org/data/cats.zip", "https://b.org/data/cats.zip")));
  });

  it("passes a warning of Node's own, which depends on its version", async () => {
    const warning = "(node:123) [DEP0040] DeprecationWarning: The `punycode` module is deprecated.";
    const hint = "(Use `node --trace-deprecation ...` to show where the warning was created)";
    const stderr: Output = { output_type: "stream", name: "stderr", text: `${warning}\n${hint}\n` };
    assert.deepEqual(await differences([stdout("a")], [stderr, stdout("a")]), []);
    const own: Output = { output_type: "stream", name: "stderr", text: "the loss is NaN\n" };
    assert.deepEqual(await differences([stdout("a")], [own, stdout("a")]), ["outputs: new stderr"]);
  });

  it("fails what only looks like a duration", async () => {
    const runs: [string, string][] = [
      ["total 407.04 KB", "total 407.05 KB"],
      ["(None, 5, 5, 64)", "(None, 5, 5, 65)"],
      ["Epoch 3/5", "Epoch 4/5"],
      ["stride 2 samples", "stride 3 samples"],
      ["32 of 64", "33 of 64"],
      ["conv2d_1", "conv2d_2"],
      ["in 5 steps", "in 6 steps"],
      ["took 5 s", "took very long"],
    ];
    for (const [committed, now] of runs) assert.ok(!(await matches(committed, now)), committed);
  });

  it("reads a stream as one text, however the kernel cut it up", async () => {
    assert.deepEqual(
      await differences([stdout("one\ntwo\n")], [stdout("one\n"), stdout("two\n")]),
      [],
    );
  });
});

describe("a cell with a tolerance", () => {
  const within = allowing({ tolerance: { relative: 0.05 } });

  it("passes a decimal number inside it and fails one outside", async () => {
    assert.ok(await matches("loss: 0.2000", "loss: 0.2099", within));
    assert.ok(!(await matches("loss: 0.2000", "loss: 0.2101", within)));
    assert.ok(
      await matches("loss: 0.0", "loss: 0.01", allowing({ tolerance: { absolute: 0.01 } })),
    );
  });

  it("still fails a changed parameter count or shape", async () => {
    assert.ok(!(await matches("Total params: 104,202", "Total params: 104,203", within)));
    assert.ok(!(await matches("(None, 26, 26, 32)", "(None, 26, 26, 33)", within)));
  });

  it("has it for whole numbers too when it says so", async () => {
    const counts = allowing({ tolerance: { relative: 0.1, integers: true } });
    assert.ok(await matches("81 wrong", "85 wrong", counts));
    assert.ok(!(await matches("81 wrong", "95 wrong", counts)));
  });

  it("fails a number more, a number less, and NaN", async () => {
    assert.ok(!(await matches("loss 0.20", "loss 0.20 0.20", within)));
    assert.ok(!(await matches("loss 0.20 0.20", "loss 0.20", within)));
    assert.ok(!(await matches("loss 0.20", "loss NaN", within)));
  });
});

describe("a cell with a range", () => {
  const range = allowing({
    ranges: [{ pattern: "accuracy: ([\\d.]+)", min: 0.985, max: 1 }],
  });

  it("passes any number inside and fails one outside, whatever was committed", async () => {
    assert.ok(await matches("accuracy: 0.9912", "accuracy: 0.9871", range));
    assert.deepEqual(
      await differences([stdout("accuracy: 0.9912")], [stdout("accuracy: 0.9712")], range),
      ["a number is outside its range"],
    );
  });

  it("fails when the number is gone", async () => {
    const now = await differences([stdout("accuracy: 0.99")], [stdout("accuracy: none")], range);
    assert.deepEqual(now, ["a number with a range is missing", "stdout: the text differs"]);
  });

  it("still compares the text around the number", async () => {
    assert.ok(!(await matches("Test accuracy: 0.99", "Train accuracy: 0.99", range)));
  });
});

describe("a cell that varies", () => {
  it("passes any content of a kind that varies, but not its absence", async () => {
    for (const metadata of [{ tags: ["varies"] }, allowing({ varies: ["stdout"] })]) {
      assert.deepEqual(await differences([stdout("one")], [stdout("other")], metadata), []);
      assert.deepEqual(await differences([stdout("one")], [], metadata), [
        "outputs: missing stdout",
      ]);
    }
  });

  it("does not look at a kind that is skipped, not even whether it is there", async () => {
    const skip = allowing({ skip: ["stdout"] });
    assert.deepEqual(await differences([stdout("one")], [], skip), []);
    const error: Output = { output_type: "stream", name: "stderr", text: "warning" };
    assert.deepEqual(await differences([stdout("one")], [error], skip), ["outputs: new stderr"]);
  });
});

describe("rules that mean nothing", () => {
  it("fail the cell, so that a typing error loosens nothing", async () => {
    const wrong: [object, RegExp][] = [
      [{ tolerances: {} }, /`fixture` has no setting `tolerances`/],
      [{ tolerance: { relatve: 0.1 } }, /`tolerance` has no setting `relatve`/],
      [{ tolerance: { relative: "5 %" } }, /`tolerance.relative` can't be "5 %"/],
      [{ skip: ["stdin"] }, /`skip` can't hold "stdin"/],
      [{ varies: "stdout" }, /`varies` must be a list/],
      [{ ranges: [{ pattern: "x", min: 0 }] }, /each of `ranges` needs/],
      [{ reason: "" }, /must say in a sentence why/],
    ];
    for (const [rules, message] of wrong) {
      const [what] = await differences([], [], allowing(rules));
      assert.match(what ?? "", message);
    }
  });
});

describe("compareNotebooks on displays", () => {
  it("takes HTML that is one picture for a picture, which a cell may let vary", async () => {
    const figure = (pixels: string) =>
      display({ "text/html": `<img src="data:image/png;base64,${pixels}" width="8" alt="a">` });
    const [one, other] = [figure("AAAA"), figure("BBBB")];
    assert.deepEqual(await differences([one], [other], allowing({ varies: ["picture"] })), []);
    const prose = display({ "text/html": "<p>a</p>" });
    assert.deepEqual(
      await differences(
        [prose],
        [display({ "text/html": "<p>b</p>" })],
        allowing({ varies: ["picture"] }),
      ),
      ["text/html: the text differs"],
    );
  });

  it("fails a missing picture, a new one, and outputs in another order", async () => {
    const picture = display({ "image/svg+xml": "<svg/>" });
    assert.deepEqual(await differences([stdout("a"), picture], [stdout("a")]), [
      "outputs: missing image/svg+xml",
    ]);
    assert.deepEqual(await differences([], [picture]), ["outputs: new image/svg+xml"]);
    assert.deepEqual(await differences([stdout("a"), picture], [picture, stdout("a")]), [
      "outputs: in another order",
    ]);
  });

  it("compares HTML like text and a display's other texts too", async () => {
    const html = (loss: string) => [
      display({ "text/html": `<td>${loss}</td>`, "text/plain": "t" }),
    ];
    assert.deepEqual(await differences(html("0.25"), html("0.25")), []);
    assert.deepEqual(await differences(html("0.25"), html("0.26")), [
      "text/html: the text differs",
    ]);
    const near = allowing({ tolerance: { absolute: 0.02 } });
    assert.deepEqual(await differences(html("0.25"), html("0.26"), near), []);
  });

  it("fails an error that changed its name or message, whatever its stack", async () => {
    const error = (evalue: string, frame: string): Output => ({
      output_type: "error",
      ename: "RangeError",
      evalue,
      traceback: [`RangeError: ${evalue}`, `    at ${frame}`],
    });
    assert.deepEqual(await differences([error("big", "a:1:2")], [error("big", "b:3:4")]), []);
    assert.deepEqual(await differences([error("big", "a:1:2")], [error("small", "a:1:2")]), [
      "error: the text differs",
    ]);
  });
});

describe("describeMismatch(notebook, mismatch)", () => {
  it("names notebook, cell and count, and shows the source and both outputs", async () => {
    const table = "Layer  Params\nconv2d    320\nTotal     320";
    const [mismatch] = await compareNotebooks(
      notebookOf(
        { cell_type: "markdown", source: "# Shapes", metadata: {} },
        codeCell([stdout(table)]),
      ),
      notebookOf(
        { cell_type: "markdown", source: "# Shapes", metadata: {} },
        codeCell([stdout(table.replace("conv2d    320", "conv2d    288"))]),
      ),
    );
    assert.ok(mismatch);
    assert.equal(
      describeMismatch("01-shapes", mismatch),
      [
        "01-shapes, cell 2 [1]: stdout: the text differs",
        "    | run();",
        "      Layer  Params",
        "    - conv2d    320",
        "    + conv2d    288",
      ].join("\n"),
    );
  });
});
