/** What nbconvert makes of a notebook with figures, in this project's environment. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { type Cell, writeNotebook } from "../../scripts/notebooks/compare";
import { executeNotebook } from "../../scripts/notebooks/execute";
import { listNotebooks, notebooksFolder, python, repository } from "../../scripts/notebooks/paths";
import { jupyterSettings } from "../support/jupyterSettings";
import { codeCell, notebookOf } from "./build";

/** Each shows one figure: interactive ones, and pictures in both kinds of file. */
const figures = [
  `import { plot, show, showImages, tf } from "convnets";
plot.history({ history: { loss: [0.7, 0.5, 0.38], val_loss: [0.65, 0.52, 0.45] } }).show();`,
  `plot.confusionMatrix([0, 0, 1, 1], [0, 1, 1, 1], { classNames: ["cat", "dog"] }).show();`,
  `const images: tf.Tensor4D = tf.randomUniform([4, 28, 28, 1]);
await showImages(images);`,
  `const dense = tf.layers.dense({ units: 2, inputShape: [3] });
const model = tf.sequential({ layers: [dense] });
plot.model(model).show();`,
];
const last = `const answer = await Promise.resolve(42);
console.log("The answer:", answer, model.countParams());
show(model);`;

const run = promisify(execFile);
let folder: string;

before(async () => {
  const parent = path.join(repository, "out");
  mkdirSync(parent, { recursive: true });
  folder = mkdtempSync(path.join(parent, "exports-"));
  const heading = (text: string): Cell => ({ cell_type: "markdown", source: text, metadata: {} });
  const cells: Cell[] = [
    heading("# Figures"),
    heading("Some of them."),
    heading("## Curves"),
    ...figures.slice(0, 1).map((source) => ({ ...codeCell([]), source })),
    heading("### A table"),
    ...figures.slice(1).map((source) => ({ ...codeCell([]), source })),
    { ...heading("## Left out"), metadata: { slideshow: { slide_type: "skip" } } },
    { ...codeCell([]), source: last },
  ];
  const file = path.join(folder, "all.ipynb");
  writeNotebook(file, notebookOf(...cells.map((cell, i) => ({ ...cell, id: `cell-${i}` }))));
  const { notebook, failure } = await executeNotebook(file, { saveAs: file });
  assert.equal(failure, undefined);
  // Markdown cells become LaTeX by pandoc, which set-up doesn't bring.
  const code = notebook!.cells.filter(({ cell_type }) => cell_type === "code");
  writeNotebook(path.join(folder, "code.ipynb"), { ...notebook!, cells: code });
});

after(() => rmSync(folder, { recursive: true }));

async function convert(format: string, name: string): Promise<string> {
  await run(python, ["-m", "jupyter", "nbconvert", "--to", format, `${name}.ipynb`], {
    cwd: folder,
    env: { ...process.env, ...jupyterSettings },
  });
  const extension = { slides: "slides.html", markdown: "md", latex: "tex", script: "ts" }[format];
  return readFileSync(path.join(folder, `${name}.${extension}`), "utf8");
}

/** Files that a page names must be there, and be pictures of some size. */
function assertPictures(files: readonly string[]): void {
  assert.equal(files.length, figures.length);
  for (const file of files) {
    const { size } = statSync(path.join(folder, file));
    assert.ok(size > 500, `${file} has ${size} bytes`);
  }
}

describe("jupyter nbconvert", { concurrency: 2 }, () => {
  it("--to markdown has every figure as a file", async () => {
    const page = await convert("markdown", "all");
    assert.doesNotMatch(page, /base64/);
    const named = [...page.matchAll(/<img src="([^"]+)"|!\[[^\]]*\]\(([^)]+)\)/g)];
    assertPictures(named.map(([, html, markdown]) => (html ?? markdown)!));
    assert.match(page, /<table[\s\S]*Total/, "a model is its table");
  });

  it("--to latex has every figure as a file", async () => {
    const page = await convert("latex", "code");
    const named = [...page.matchAll(/\\adjustimage\{[^\n]*\{([^{}\n]+)\}\n/g)];
    assertPictures(named.map(([, file]) => file!));
    assert.match(page, /\\begin\{document\}[\s\S]*The answer: 42 8[\s\S]*\\end\{document\}/);
  });

  it("--to slides begins one at each heading, and has every figure", async () => {
    const page = await convert("slides", "all");
    assert.doesNotMatch(page, /Left out/, "a cell's own slide type stays");
    const slides = page.split(/<section ?[^>]*>\s*<section ?[^>]*>/).slice(1);
    assert.deepEqual(
      slides.map((slide) => [...slide.matchAll(/<h\d[^>]*>([^<]*)/g)].map(([, text]) => text)),
      [["Figures"], ["Curves", "A table"]],
    );
    assert.equal(slides[1]!.split(/<section ?[^>]*>/).length, 2, "a heading of level 3 lies below");
    assert.equal([...page.matchAll(/<img[^>]*src="data:image\//g)].length, figures.length);
  });

  it("--to script gives a script that runs", async () => {
    await convert("script", "all");
    const runner = path.join(repository, "scripts/script.mjs");
    const { stdout } = await run(process.execPath, [runner, path.join(folder, "all.ts")]);
    assert.match(stdout, /^The answer: 42 8$/m);
    assert.match(stdout, /^Total +8$/m, "show() prints");
  });

  it("a script runs in its own folder, from wherever npm was typed", async () => {
    const source = "const line: string[] = [process.cwd(), ...process.argv.slice(2)];";
    writeFileSync(path.join(folder, "where.ts"), `${source}\nconsole.log(line.join());`);
    const runner = path.join(repository, "scripts/script.mjs");
    const env = { ...process.env, INIT_CWD: folder }; // as npm has it
    const { stdout } = await run(process.execPath, [runner, "where.ts", "--help"], {
      cwd: repository,
      env,
    });
    assert.ok(stdout.split("\n").includes(`${folder},--help`), stdout);
  });

  it("--to script gives one that compiles, of each notebook of the chapter", async () => {
    const names = listNotebooks(notebooksFolder);
    const files = names.map((name) => path.join(notebooksFolder, `${name}.ipynb`));
    await run(
      python,
      ["-m", "jupyter", "nbconvert", "--to", "script", "--output-dir", folder, ...files],
      { env: { ...process.env, ...jupyterSettings } },
    );
    const scripts = names.map((name) => path.join(folder, `${name}.ts`));
    assert.ok(scripts.every(existsSync));
    // As the kernel compiles cells: loosely, with `await` at the top.
    const options = [
      "--ignoreConfig",
      "--noEmit",
      "--strict",
      "false",
      "--skipLibCheck",
      "--types",
      "node",
    ];
    const modules = ["--module", "esnext", "--moduleResolution", "bundler", "--target", "es2022"];
    const compiler = path.join(repository, "node_modules/typescript/bin/tsc");
    await run(process.execPath, [compiler, ...options, ...modules, ...scripts]).catch((error) =>
      assert.fail(error.stdout),
    );
  });
});
