import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { repository } from "../../scripts/notebooks/paths";
import { temporaryFolder } from "../support/temporaryFolder";

const compiler = path.join(repository, "node_modules/typescript/bin/tsc");
const folder = path.join(repository, "test/types");

function compile(...args: string[]): { status: number | null; stdout: string } {
  return spawnSync(process.execPath, [compiler, ...args], { cwd: repository, encoding: "utf8" });
}

/** Compiles some lines that may use `says` and `inferred`; gives the errors' codes. */
function errorsOf(lines: string): string[] {
  using place = temporaryFolder();
  copyFileSync(path.join(folder, "says.ts"), place.join("says.ts"));
  writeFileSync(place.join("lines.ts"), `import { inferred, says } from "./says";\n${lines}\n`);
  const { stdout } = compile("--noEmit", "--strict", "--ignoreConfig", place.join("lines.ts"));
  return [...stdout.matchAll(/lines\.ts\(\d+,\d+\): error (TS\d+)/g)].map(([, code]) => code!);
}

test("the sentences about types are compiled with everything else", () => {
  const { status, stdout } = compile("--listFilesOnly", "--project", repository);
  assert.equal(status, 0, stdout);
  const compiled = new Set(stdout.split("\n").map((file) => path.resolve(repository, file)));
  const files = readdirSync(folder).filter((name) => name.endsWith(".ts"));
  assert.ok(files.length > 3);
  for (const name of files) assert.ok(compiled.has(path.join(folder, name)), name);
});

test("every sentence is one of its own", () => {
  const texts = readdirSync(folder).map((name) => readFileSync(path.join(folder, name), "utf8"));
  const sentences = texts.flatMap((text) =>
    [...text.matchAll(/^says\("(.+?)"/gm)].map(([, sentence]) => sentence),
  );
  assert.ok(sentences.length > 20);
  assert.equal(new Set(sentences).size, sentences.length);
});

test("a sentence that isn't true doesn't compile", () => {
  const fits = 'says("fits", () => { inferred(1 as number).as<number>(); });';
  assert.deepEqual(errorsOf(fits), []);
  assert.deepEqual(errorsOf(fits.replace("as<number>", "as<number | string>")), ["TS2554"]);
  assert.deepEqual(errorsOf(fits.replace("as<number>", "as<1>")), ["TS2554"]);
  assert.deepEqual(errorsOf(fits.replace("1 as number", "1 as any")), ["TS2554"]);
  assert.deepEqual(errorsOf(`// @ts-expect-error\n${fits}`), ["TS2578"]);
});
