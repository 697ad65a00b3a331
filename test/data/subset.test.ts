import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { makeSubset } from "../../lib/data/subset";
import { listing, printed, temporaryFolder } from "./files";

const subsets = { train: [0, 4], validation: [4, 6], test: [6, 10] } as const;
const verbose = 0;

async function prepare(t: TestContext, count = 10) {
  const folder = await temporaryFolder(t);
  const from = path.join(folder, "train");
  await mkdir(from);
  for (let index = 0; index < count; index++) {
    for (const className of ["cat", "dog"]) {
      const text = `${className} ${index}`.repeat(index + 1);
      await writeFile(path.join(from, `${className}.${index}.jpg`), text);
    }
  }
  return { folder, from, into: path.join(folder, "cats_vs_dogs_small") };
}

for (const link of ["copy", "hard"] as const) {
  test(`makeSubset puts each range of each class into its folder (${link})`, async (t) => {
    const { folder, from, into } = await prepare(t);
    const result = await makeSubset({ from, into, subsets, link, verbose });
    assert.deepEqual(result, {
      folder: into,
      counts: { train: 8, validation: 4, test: 8 },
      created: true,
    });
    const expected: string[] = [];
    for (const [subset, [start, end]] of Object.entries(subsets)) {
      for (const name of ["cat", "dog"]) {
        for (let i = start; i < end; i++) expected.push(`${subset}/${name}/${name}.${i}.jpg`);
      }
    }
    assert.deepEqual(await listing(into), expected.sort());
    assert.deepEqual((await readdir(folder)).sort(), ["cats_vs_dogs_small", "train"]);
    for (const file of expected) {
      const [made, source] = [path.join(into, file), path.join(from, path.basename(file))];
      assert.deepEqual(await readFile(made), await readFile(source));
      assert.equal((await stat(made)).ino === (await stat(source)).ino, link === "hard");
    }
  });
}

test("a second run verifies the folder, says so, and touches nothing", async (t) => {
  const { from, into } = await prepare(t);
  assert.match(
    await printed(() => makeSubset({ from, into, subsets })),
    /^Made .*cats_vs_dogs_small \(train 8, validation 4, test 8 files\)\n$/,
  );
  const { ino } = await stat(path.join(into, "train/cat"));
  const text = await printed(async () => {
    assert.equal((await makeSubset({ from, into, subsets })).created, false);
  });
  assert.match(text, /^Already there and whole: .*\(train 8, validation 4, test 8 files\)\n$/);
  assert.equal((await stat(path.join(into, "train/cat"))).ino, ino);
});

test("all missing source files are named at once, and nothing is made", async (t) => {
  const { folder, from, into } = await prepare(t);
  await rm(path.join(from, "cat.3.jpg"));
  await rm(path.join(from, "dog.7.jpg"));
  await assert.rejects(
    makeSubset({ from, into, subsets, verbose }),
    /2 of 20 source files are missing in .*train: cat\.3\.jpg, dog\.7\.jpg$/,
  );
  await assert.rejects(
    makeSubset({ from, into, subsets: { train: [0, 1000] }, verbose }),
    /1982 of 2000 .*: cat\.3\.jpg, cat\.10\.jpg, .*, … \(1972 more\)$/,
  );
  assert.deepEqual(await readdir(folder), ["train"]);
});

test("a changed request, a missing and a damaged file are errors, mended only with `overwrite`", async (t) => {
  const { folder, from, into } = await prepare(t);
  await makeSubset({ from, into, subsets, verbose });
  const smaller = { ...subsets, train: [0, 3] } as const;
  await assert.rejects(
    makeSubset({ from, into, subsets: smaller, verbose }),
    /differs .*: train\/cat\/cat\.3\.jpg was not asked for, train\/dog\/dog\.3\.jpg was not asked for/,
  );
  await rm(path.join(into, "test/dog/dog.9.jpg"));
  await truncate(path.join(into, "test/cat/cat.9.jpg"), 3);
  await assert.rejects(
    makeSubset({ from, into, subsets, verbose }),
    /test\/cat\/cat\.9\.jpg has another size, test\/dog\/dog\.9\.jpg is missing/,
  );
  assert.equal((await listing(into)).length, 19, "an error changes nothing");
  const result = await makeSubset({ from, into, subsets: smaller, overwrite: true, verbose });
  assert.deepEqual([result.created, result.counts.train], [true, 6]);
  assert.equal((await listing(into)).length, 18);
  assert.deepEqual((await readdir(folder)).sort(), ["cats_vs_dogs_small", "train"]);
});

test("a killed run leaves no folder under the name, and the next run tidies up", async (t) => {
  const { folder, from, into } = await prepare(t, 600);
  const options = { from, into, subsets: { train: [0, 600] }, verbose };
  const script = `require(${JSON.stringify(path.resolve(__dirname, "../../lib/data/subset"))})
    .makeSubset(${JSON.stringify(options)})`;
  const child = spawn(process.execPath, ["-e", script]);
  const closed = new Promise((resolve) => child.on("close", resolve));
  while ((await readdir(folder)).length < 2 && child.exitCode === null) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  child.kill("SIGKILL");
  await closed;
  const left = await readdir(folder);
  if (left.includes("cats_vs_dogs_small")) assert.equal((await listing(into)).length, 1200);
  else assert.ok(left.some((name) => name.startsWith(".cats_vs_dogs_small.unfinished-")));
  await makeSubset({ from, into, subsets: { train: [0, 600] }, verbose });
  assert.equal((await listing(into)).length, 1200);
  assert.deepEqual((await readdir(folder)).sort(), ["cats_vs_dogs_small", "train"]);
});

test("four processes that replace one folder again and again leave one, and nothing of what they replaced", async (t) => {
  const { folder, from, into } = await prepare(t);
  const script = (shift: number) => `
    const { makeSubset } = require(${JSON.stringify(path.resolve(__dirname, "../../lib/data/subset"))});
    (async () => {
      for (let i = 0; i < 60; i++) {
        const half = 1 + ((i + ${shift}) % 8);
        const subsets = { train: [0, half], test: [half, 10] };
        await makeSubset({ ...${JSON.stringify({ from, into, verbose })}, subsets, overwrite: true });
      }
    })();`;
  const children = [0, 1, 2, 3].map((shift) =>
    spawn(process.execPath, ["-e", script(shift)], { stdio: "inherit" }),
  );
  for (const [code] of await Promise.all(children.map((child) => once(child, "exit")))) {
    assert.equal(code, 0);
  }
  assert.equal((await listing(into)).length, 20);
  assert.deepEqual((await readdir(folder)).sort(), ["cats_vs_dogs_small", "train"]);
});

test("a failure while files are made leaves nothing", async (t) => {
  const { folder, from, into } = await prepare(t);
  // Two files of one name meet in the same folder.
  const fileName = (className: string, index: number) =>
    index === 3 ? `deep/${className}.0.jpg` : `${className}.${index}.jpg`;
  await mkdir(path.join(from, "deep"));
  for (const name of ["cat", "dog"]) await writeFile(path.join(from, `deep/${name}.0.jpg`), "x");
  for (const link of ["copy", "hard"] as const) {
    await assert.rejects(
      makeSubset({ from, into, subsets, fileName, link, verbose }),
      /cats_vs_dogs_small could not be made: EEXIST/,
    );
    assert.deepEqual(await readdir(folder), ["train"]);
  }
});

test("wrong requests are refused", async (t) => {
  const { from, into } = await prepare(t);
  const ask = (options: object) => makeSubset({ from, into, subsets, verbose, ...options });
  await assert.rejects(ask({ form: 1 }), /has no option `form`/);
  await assert.rejects(ask({ quiet: true }), { hint: "Use `verbose: 0`." });
  await assert.rejects(ask({ link: "soft" }), /`link` must be one of "hard", "copy"/);
  await assert.rejects(
    ask({ subsets: { train: [4, 2] } }),
    /`subsets\.train` must be \[start, end\]/,
  );
  await assert.rejects(
    ask({ subsets: { train: [0, 5], test: [4, 8] } }),
    /free of overlaps.*"cat\.4\.jpg" is in train and test/,
  );
  await assert.rejects(ask({ subsets: { "../train": [0, 5] } }), /`subsets` must be one or more/);
  await assert.rejects(ask({ classes: ["cat", "cat"] }), /`classes` must be one or more different/);
  await assert.rejects(ask({ fileName: () => "../x.jpg" }), /`fileName` must be a path below/);
});
