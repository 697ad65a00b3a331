/** Set-up recovers from whatever cut it off; the long form is `npm run torture -- setUp`. */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { finish, killSetUp, madeIn, makeProject } from "../../scripts/torture/setUp";
import { temporaryFolder } from "../support/temporaryFolder";

describe("set-up", () => {
  const folder = temporaryFolder();
  const root = folder.path;
  let site: string;
  let whole: Map<string, string>;

  before(async () => {
    makeProject(root, { isWhole: false });
    const { code, said } = await finish(root);
    assert.equal(code, 0, said);
    const lib = path.join(root, ".venv/lib");
    site = path.join(lib, fs.readdirSync(lib)[0] ?? "", "site-packages");
    whole = madeIn(root);
    assert.ok(whole.size > 600);
  });

  after(() => folder[Symbol.dispose]());

  /** Set-up must have something to do, make everything as it was, and then have nothing to do. */
  async function recovers(options: readonly string[] = []): Promise<void> {
    const { code, said } = await finish(root, options);
    assert.equal(code, 0, said);
    assert.match(said, /ran 1/);
    assert.deepEqual(madeIn(root), whole);
    assert.match((await finish(root, options)).said, /ran 0/);
  }

  it("installs again what pip has begun and not finished, with one file of 400 and a RECORD of all", async () => {
    const info = path.join(site, "tensorflow_cpu-2.21.0.dist-info");
    for (const name of ["INSTALLER", "REQUESTED"])
      fs.rmSync(path.join(info, name), { force: true });
    for (const part of fs.readdirSync(path.join(site, "tensorflow")).slice(1)) {
      fs.rmSync(path.join(site, "tensorflow", part), { recursive: true });
    }
    await recovers();
  });

  it("installs again a package that pip can't uninstall, and removes what pip had put aside", async () => {
    fs.rmSync(path.join(site, "keras-3.15.1.dist-info/RECORD"));
    fs.mkdirSync(path.join(site, "~eras"));
    await recovers();
  });

  it("mends a file of another size, when it is asked to look", async () => {
    fs.truncateSync(path.join(site, "tensorflow/part1/file60.txt"), 7);
    assert.match((await finish(root)).said, /ran 0/);
    await recovers(["--thorough"]);
  });

  it("mends a file of another size after a run that was cut off, without being asked", async () => {
    fs.truncateSync(path.join(site, "numpy/file3.txt"), 0);
    fs.writeFileSync(path.join(root, ".cache/packages.unfinished"), "");
    await recovers();
  });

  it("makes the environment anew when it was cut off before it had pip", async () => {
    for (const name of fs.readdirSync(site).filter((entry) => entry.startsWith("pip-"))) {
      fs.rmSync(path.join(site, name, "INSTALLER"));
    }
    fs.rmSync(path.join(site, "keras-3.15.1.dist-info/INSTALLER"));
    await recovers();
  });

  it("is whole after thirty kills at random moments", async () => {
    const options = { seed: Math.floor(Math.random() * 1e6), scale: 0.25, say() {} };
    const { tried, faults } = await killSetUp(options, { isWhole: false });
    assert.deepEqual(faults, [], `seed ${options.seed}`);
    assert.equal(tried, 30);
  });
});
