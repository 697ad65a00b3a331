import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { promisify } from "node:util";
import { chooseFastest, engine } from "../../lib/engine";
import { repositoryRoot } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";

const names = ["ours", "theirs"];
const before = process.env.CONVNETS_HOME;
let home: ReturnType<typeof temporaryFolder>;
let measured = 0;

/** Alternatives of which ours is the faster one, or not. */
const alternatives = (ours: number, theirs: number) => ({
  names,
  measure: async () => {
    measured++;
    return { ours, theirs };
  },
});

beforeEach(() => {
  home = temporaryFolder();
  process.env.CONVNETS_HOME = home.path;
  measured = 0;
});

afterEach(() => {
  home[Symbol.dispose]();
  if (before === undefined) delete process.env.CONVNETS_HOME;
  else process.env.CONVNETS_HOME = before;
});

function keptFile(): string {
  const folder = home.join("choices");
  const files = fs.readdirSync(folder);
  assert.equal(files.length, 1, `beside the file: ${files}`);
  return path.join(folder, files[0]!);
}

const readKept = () => JSON.parse(fs.readFileSync(keptFile(), "utf8")) as Record<string, object>;

test("the faster alternative is chosen, once in a process, kept, and told by engine()", async () => {
  const what = "a choice";
  const both = [alternatives(2, 5), alternatives(5, 2)].map((each) => chooseFastest(what, each));
  assert.deepEqual(await Promise.all(both), ["ours", "ours"]);
  assert.equal(await chooseFastest(what, alternatives(5, 2)), "ours");
  assert.equal(measured, 1);
  assert.deepEqual(readKept(), { [what]: { ours: 2, theirs: 5 } });
  const told = engine().choices.find((choice) => choice.what === what);
  assert.deepEqual(told, { what, chosen: "ours", ms: { ours: 2, theirs: 5 } });
});

test("another than the first must be faster by more than chance", async () => {
  assert.equal(await chooseFastest("a tie", alternatives(10, 9.5)), "ours");
  assert.equal(await chooseFastest("no tie", alternatives(10, 8.5)), "theirs");
});

test("what an earlier process has kept is taken unmeasured, and further choices stay beside it", async () => {
  await chooseFastest("to be renamed", alternatives(1, 2));
  const kept = { "kept by another": { ours: 9, theirs: 4 } };
  fs.writeFileSync(keptFile(), JSON.stringify(kept));
  measured = 0;
  assert.equal(await chooseFastest("kept by another", alternatives(1, 2)), "theirs");
  assert.equal(measured, 0);
  await chooseFastest("beside it", alternatives(1, 2));
  assert.deepEqual(readKept(), { ...kept, "beside it": { ours: 1, theirs: 2 } });
});

const damages = ["", "{", "[]", "null", '{"damaged 5": 3}', '{"damaged 6": {"ours": 1}}'];
damages.push('{"damaged 7": {"ours": "fast", "theirs": 2}}');

for (const [i, damage] of damages.entries()) {
  test(`a kept file that holds ${damage || "nothing"} is measured anew and whole again`, async () => {
    await chooseFastest(`first ${i}`, alternatives(1, 2));
    fs.writeFileSync(keptFile(), damage);
    measured = 0;
    assert.equal(await chooseFastest(`damaged ${i + 1}`, alternatives(7, 3)), "theirs");
    assert.equal(measured, 1);
    assert.deepEqual(readKept()[`damaged ${i + 1}`], { ours: 7, theirs: 3 });
  });
}

test("where nothing can be written the choice is made all the same", async () => {
  fs.writeFileSync(home.join("file"), "");
  process.env.CONVNETS_HOME = home.join("file", "below");
  assert.equal(await chooseFastest("nowhere", alternatives(1, 2)), "ours");
  assert.deepEqual(fs.readdirSync(home.path), ["file"]);
});

test("a measurement that fails is the caller's to see, and leaves nothing behind", async () => {
  const measure = () => Promise.reject(new Error("no memory"));
  await assert.rejects(chooseFastest("failing", { names, measure }), /no memory/);
  assert.equal(await chooseFastest("failing", alternatives(1, 2)), "ours");
  assert.deepEqual(Object.keys(readKept()), ["failing"]);
});

test("of several processes at once one measures, and all choose the same", async () => {
  const library = path.join(repositoryRoot, ".build/lib/engine");
  const program = `const { chooseFastest } = require(${JSON.stringify(library)});
    const measure = () => new Promise((done) => setTimeout(() => {
      console.log("measured");
      done(process.pid % 2 ? { ours: 1, theirs: 2 } : { ours: 2, theirs: 1 });
    }, 200));
    chooseFastest("shared", { names: ["ours", "theirs"], measure }).then(console.log);`;
  const runs = await Promise.all(
    [1, 2, 3].map(() => promisify(execFile)(process.execPath, ["-e", program])),
  );
  const lines = runs.map(({ stdout }) => stdout.trim().split("\n"));
  assert.equal(lines.filter((line) => line.includes("measured")).length, 1);
  assert.equal(new Set(lines.map((line) => line.at(-1))).size, 1);
});
