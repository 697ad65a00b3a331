import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { bringRunsBack, removeRuns, withoutRuns } from "../../scripts/notebooks/runFolders";
import { markOfTheDead } from "../support/marks";
import { temporaryFolder } from "../support/temporaryFolder";

/** A project with what notebooks 02 and 04 have kept. */
function project() {
  const folder = temporaryFolder();
  fs.mkdirSync(folder.join("notebooks"));
  for (const number of ["02", "04"]) {
    fs.mkdirSync(folder.join("data/runs", number), { recursive: true });
    fs.writeFileSync(folder.join("data/runs", number, "best.keras"), number);
  }
  return folder;
}

describe("the folders of runs", () => {
  it("are removed for the named notebooks only", () => {
    using folder = project();
    removeRuns(folder.join("notebooks"), ["02-convnet-from-scratch", "03-data-augmentation"]);
    assert.deepEqual(fs.readdirSync(folder.join("data/runs")), ["04"]);
  });

  it("are out of sight during a check and back after it, whatever it made and however it ended", async () => {
    using folder = project();
    const work = async () => {
      assert.deepEqual(fs.readdirSync(folder.join("data/runs")), ["04"]);
      fs.mkdirSync(folder.join("data/runs/02/of-the-check"), { recursive: true });
      fs.mkdirSync(folder.join("data/runs/03"));
      throw new Error("a cell failed");
    };
    const names = ["02-convnet-from-scratch", "03-data-augmentation"];
    await assert.rejects(withoutRuns(folder.join("notebooks"), names, work), /a cell failed/);
    assert.deepEqual(fs.readdirSync(folder.join("data/runs")), ["02", "04"]);
    assert.deepEqual(fs.readdirSync(folder.join("data/runs/02")), ["best.keras"]);
    assert.deepEqual(fs.readdirSync(folder.join("data")), ["runs"]);
  });

  it("leave nothing of a check where there were none", async () => {
    using folder = temporaryFolder();
    const made = folder.join("data/runs/01");
    await withoutRuns(folder.join("notebooks"), ["01-introduction"], async () =>
      fs.mkdirSync(made, { recursive: true }),
    );
    assert.ok(!fs.existsSync(made));
  });

  it("come back after a check that was killed", async () => {
    using folder = project();
    const aside = folder.join(`data/runs.aside-${markOfTheDead()}`);
    fs.mkdirSync(aside);
    fs.renameSync(folder.join("data/runs/02"), path.join(aside, "02"));
    fs.mkdirSync(folder.join("data/runs/02/of-the-check"), { recursive: true });
    await bringRunsBack(folder.join("notebooks"));
    assert.deepEqual(fs.readdirSync(folder.join("data/runs")), ["02", "04"]);
    assert.deepEqual(fs.readdirSync(folder.join("data/runs/02")), ["best.keras"]);
    assert.deepEqual(fs.readdirSync(folder.join("data")), ["runs"]);
  });
});
