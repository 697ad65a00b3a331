// @ts-check
/** The command lines of package.json: help, options, names, and what is said of a wrong one. */
import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { describe, it, test } from "node:test";
import { readLine } from "../../scripts/commands/command.mjs";
import { benchCases, tortureSections } from "../../scripts/commands/forTests.mjs";
import { helpOf } from "../../scripts/commands/help.mjs";
import { commands, readCommand, titleOf } from "../../scripts/commands/index.mjs";
import { nameMeant } from "../../scripts/commands/meant.mjs";
import { notebookFile, selectNotebooks } from "../../scripts/commands/notebooks.mjs";
import { root } from "../../scripts/setup/paths.mjs";
import { bareCheckout, runProgram, temporaryFolder, writeFiles } from "./support.mjs";

const require = createRequire(import.meta.url);
/** @type {Record<string, string>} */
const scripts = require(path.join(root, "package.json")).scripts;
const names = /** @type {import("../../scripts/commands/index.mjs").CommandName[]} */ (
  Object.keys(commands)
);

/**
 * Runs a command as npm does.
 * @param {string} name
 * @param {string[]} line
 * @param {string} cwd
 */
const run = (name, line, cwd) =>
  runProgram([...(scripts[name] ?? "").split(" "), ...line], { cwd });

test("each command of package.json is declared", () => {
  assert.deepEqual([...names].sort(), Object.keys(scripts).sort());
});

test("--help and -h say what each command does where nothing is set up, and do nothing", async (t) => {
  const folder = bareCheckout(t);
  const before = fs.readdirSync(folder, { recursive: true });
  for (const name of names) {
    const { code, output } = await run(name, [name === "start" ? "-h" : "--help"], folder);
    assert.equal(code, 0, output);
    assert.equal(output, `${helpOf(`${titleOf(name)} --`, commands[name])}\n`);
  }
  assert.deepEqual(fs.readdirSync(folder, { recursive: true }), before);
});

test("an unknown option is one line and ends with 2, and nothing is done", async (t) => {
  const folder = bareCheckout(t);
  const before = fs.readdirSync(folder, { recursive: true });
  /** @param {import("../../scripts/commands/index.mjs").CommandName} name */
  const passesOn = (name) => "passesOn" in commands[name] && commands[name].passesOn;
  for (const name of names.filter((each) => !passesOn(each))) {
    const { code, output } = await run(name, ["--hlep"], folder);
    assert.equal(code, 2, output);
    const line = `${titleOf(name)} has no option --hlep. There are: `;
    assert.ok(output.startsWith(line), output);
    assert.match(output, /--help\. Did you mean --help\? \(npm .* -- --help\)\n$/);
    assert.equal(output.split("\n").length, 2);
  }
  assert.deepEqual(fs.readdirSync(folder, { recursive: true }), before);
});

describe("the help of", () => {
  for (const name of names) {
    it(`${titleOf(name)} shows the options that it takes, and it takes those that it shows`, () => {
      /** @type {import("../../scripts/commands/command.mjs").Command} */
      const command = commands[name];
      const help = helpOf(titleOf(name), command);
      const shown = [...help.matchAll(/^ {2}(?:-\w, )?--([\w-]+)/gm)].map(([, option]) => option);
      assert.deepEqual(shown, [...Object.keys(command.options), "help"]);
      assert.ok(help.split("\n").every((line) => line.length <= 100));
      for (const [option, { takes = [], short, check }] of Object.entries(command.options)) {
        const values = takes.map(() => (check && "names" in check ? (check.names[0] ?? "") : "3"));
        for (const form of [`--${option}`, ...(short ? [`-${short}`] : [])]) {
          const { values: read } = readLine(titleOf(name), command, [form, ...values]);
          assert.deepEqual(Object.keys(read), [option]);
        }
      }
    });
  }
});

test("help names the cases of the benchmark and the sections of the torture that there are", () => {
  const { cases } = require(path.join(root, ".build/scripts/bench/cases.js"));
  const { sections } = require(path.join(root, ".build/scripts/torture/sections.js"));
  const titles = Object.entries(/** @type {Record<string, { title: string }>} */ (cases));
  assert.deepEqual(
    {
      ...Object.fromEntries(titles.map(([name, { title }]) => [name, title])),
      import: benchCases.import,
      "serving-http": benchCases["serving-http"],
      workers: benchCases.workers,
    },
    benchCases,
  );
  const summaries = sections.map((/** @type {any} */ each) => [each.name, each.summary]);
  assert.deepEqual(Object.fromEntries(summaries), tortureSections);
});

test("`serving`, `start`, `load` and `predict` stand for all cases of the benchmark that begin so", () => {
  const { cases } = read("bench", "start", "mnist");
  assert.deepEqual(cases.slice(-2), ["start-residual", "mnist"]);
  assert.equal(read("bench", "serving").cases.length, 7);
  assert.deepEqual(read("bench", "load").cases, ["load-residual", "load-vgg"]);
});

/**
 * What a command makes of a line.
 * @param {import("../../scripts/commands/index.mjs").CommandName} name
 * @param {...string} line
 * @returns {any}
 */
function read(name, ...line) {
  /** @type {import("../../scripts/commands/command.mjs").Command} */
  const command = commands[name];
  const given = readLine(titleOf(name), command, line);
  return command.finish?.(given);
}

describe("a wrong word is told with what is allowed, what was received and what was meant:", () => {
  for (const [line, message] of /** @type {const} */ ([
    [["start", "--onyl", "01"], /no option --onyl.*--only.*Did you mean --only\?/],
    [["start", "--seed", "x"], /--seed must be a whole number of at most 9 digits. Received: x/],
    [["start", "--seed"], /--seed must be followed by N. Received: nothing/],
    [["start", "--only", "--full"], /--only must be followed by NOTEBOOK. Received: --full/],
    [["start", "--full=yes"], /--full takes no value. Received: --full=yes/],
    [
      ["start", "--pictures", "kagle"],
      /There is no source kagle. There are: drawn, .*Did you mean kaggle\?/,
    ],
    [["start", "-p", "epochs"], /-p must be followed by NAME and VALUE. Received: epochs/],
    [["start", "-pepochs", "3"], /-p must be followed by NAME and VALUE. Received: -pepochs/],
    [
      ["start", "--parameters=epochs", "3"],
      /--parameters must be followed by NAME and VALUE. Received: --parameters=epochs/,
    ],
    [["start", "--out", ""], /--out must be followed by PATH. Received: ""/],
    [["start", "--out="], /--out must be followed by PATH. Received: ""/],
    [["script", "--hlep"], /npm run script must be followed by FILE.ts. Received: --hlep/],
    [["script", "none.ts"], /There is no file none.ts/],
    [["workers", "two", "a.ts"], /N must be a whole number from 1 to 99. Received: two/],
    [["workers"], /N must be a whole number from 1 to 99. Received: nothing/],
    [["workers", "2"], /npm run workers must be followed by N FILE.ts. Received: 2/],
    [["workers", "2", "none.ts"], /There is no file none.ts/],
    [["start", "-p", "2x", "1"], /-p must be followed by a variable's name.* Received: 2x 1/],
    [["start", "09"], /There is no notebook 09 in .*There are: 01-intro/],
    [["fixtures", "--update"], /--update must be followed by .* Received: nothing/],
    [["notebooks", "kr"], /There is no edition "kr"\. There are: ko/],
    [["bench", "mnits"], /There is no case mnits. There are: mnist.*Did you mean mnist\?/],
    [["bench", "--repeats", "0"], /--repeats must be a whole number from 1 to 9999. Received: 0/],
    [["torture", "--scale", "0.0"], /--scale must be a number above 0. Received: 0.0/],
    [["test", "no-such-test"], /No test file's path contains no-such-test/],
    [["test:node", "latest"], /VERSION must be as 24 or 22.12.0. Received: latest/],
    [["setup", "--gpu", "--cpu"], /Choose one of .* Received: --gpu --cpu/],
    [["doctor", "now"], /npm run doctor takes options only. Received: now/],
  ])) {
    const [name, ...rest] = line;
    it(line.join(" "), () => assert.throws(() => read(name, ...rest), message));
  }
});

describe("a notebook is named in all commands by", () => {
  const first = "01-introduction-to-convnets";
  for (const [form, text] of /** @type {[string, string][]} */ ([
    ["its number", "01"],
    ["its number without zeros", "1"],
    ["its name", first],
    ["its file's name", `${first}.ipynb`],
    ["its file's path", `notebooks/${first}.ipynb`],
    ["its file's whole path", path.join(root, "notebooks", `${first}.ipynb`)],
  ])) {
    it(`${form}, with --only and without`, () => {
      for (const line of [[text], ["--only", text]]) {
        assert.deepEqual(read("start", ...line).notebooks, [first]);
        assert.deepEqual(read("fixtures", "--update", ...line).notebooks, [first]);
        assert.deepEqual(read("notebooks", "ko", ...line).notebooks, [first]);
      }
      assert.deepEqual(read("lab", text, "--no-browser").line, [
        path.join(root, "notebooks", `${first}.ipynb`),
        "--no-browser",
      ]);
    });
  }
});

test("a template is named for start by its path, also from the notebooks' folder, or its name", () => {
  for (const text of ["notebooks/templates/your-own-pictures.ipynb", "templates/your-own-pictures"])
    assert.deepEqual(read("start", text).notebooks, ["templates/your-own-pictures"]);
  assert.deepEqual(read("start", "your-own-pictures", "01").notebooks, [
    "templates/your-own-pictures",
    "01-introduction-to-convnets",
  ]);
  assert.deepEqual(read("start", "--all").notebooks, [
    ...read("start").notebooks,
    "templates/your-own-pictures",
  ]);
  assert.throws(() => read("fixtures", "your-own-pictures"), /There is no notebook/);
});

test("the value of an option of JupyterLab's is no notebook", () => {
  const line = ["--ServerApp.port_retries", "2"];
  assert.deepEqual(read("lab", ...line).line, line);
});

test("a script is looked for where npm was typed, too, and --help behind it is its own", (t) => {
  const folder = temporaryFolder(t);
  writeFiles(folder, { "a.ts": "" });
  const { INIT_CWD } = process.env;
  t.after(() => {
    if (INIT_CWD === undefined) delete process.env.INIT_CWD;
    else process.env.INIT_CWD = INIT_CWD;
  });
  process.env.INIT_CWD = folder;
  const file = path.join(folder, "a.ts");
  assert.deepEqual(readCommand("script", ["a.ts", "--help"]), { file, args: ["--help"] });
  const workers = { count: 2, file, args: ["--help"] };
  assert.deepEqual(readCommand("workers", ["2", "a.ts", "--help"]), workers);
  assert.throws(() => read("script", "."), /There is no file \./);
});

test("selectNotebooks() takes a name for one notebook of its folder only", (t) => {
  const folder = temporaryFolder(t);
  writeFiles(folder, { "1-a.ipynb": "", "02-b.ipynb": "", "2-c.ipynb": "", "d-changed.ipynb": "" });
  assert.deepEqual(selectNotebooks(folder, []), ["02-b", "1-a", "2-c"]);
  assert.deepEqual(selectNotebooks(folder, ["2-c", "001", "1-a"]), ["2-c", "1-a"]);
  for (const text of ["2", "d-changed", "elsewhere/1-a.ipynb", "1-"]) {
    assert.throws(() => selectNotebooks(folder, [text]), /There is no notebook/, text);
    assert.equal(notebookFile(folder, text), undefined);
  }
  assert.throws(() => selectNotebooks(path.join(folder, "none"), []), /There is no folder/);
});

test("parameters are numbers, truth values or text, also negative numbers", () => {
  const line = ["-p", "epochs", "3", "--parameters", "name", "cats", "-p", "quick", "True"];
  assert.deepEqual(read("start", "02", ...line, "-p", "rate", "-0.5").parameters, {
    epochs: 3,
    name: "cats",
    quick: true,
    rate: -0.5,
  });
  assert.equal(read("start").parameters, undefined);
});

test("nameMeant() knows typing errors and beginnings, and nothing else", () => {
  const known = ["--only", "--folder", "--full"];
  assert.equal(nameMeant("--onyl", known), "--only");
  assert.equal(nameMeant("--fol", known), "--folder");
  assert.equal(nameMeant("--f", known), undefined);
  assert.equal(nameMeant("--xyz", known), undefined);
});
