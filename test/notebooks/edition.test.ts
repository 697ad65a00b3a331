import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, it } from "node:test";
import {
  type Cell,
  joinText,
  type Output,
  readNotebook,
  writeNotebook,
} from "../../scripts/notebooks/compare";
import { commentsOf, editionFolder, translate } from "../../scripts/notebooks/editions";
import { keyMetricOf } from "../../scripts/notebooks/keyMetric";
import { listNotebooks, notebooksFolder, repository } from "../../scripts/notebooks/paths";
import { display, notebookOf, stdout } from "./build";

const plotlyMime = "application/vnd.plotly.v1+json";
const hangul = /\p{Script=Hangul}/u;
const wordsOfTheLibrary =
  /\b(confusion|history|training|validation|epoch|accuracy|loss|best|predicted|true|images|samples?|points?)\b/i;

const markdown = (source: string, ko?: string): Cell => ({
  cell_type: "markdown",
  source,
  metadata: ko === undefined ? {} : { convnets: { ko } },
});

const program = (source: string, ko: Record<string, string>, outputs: Output[] = []): Cell => ({
  cell_type: "code",
  source,
  metadata: { tags: ["varies"], convnets: { fixture: {}, ko } },
  outputs,
});

function command(folder: string, ...args: string[]) {
  const script = path.join(repository, ".build/scripts/notebooks/notebooks.js");
  return spawnSync(process.execPath, [script, "--folder", folder, ...args], { encoding: "utf8" });
}

function koreanOf(...cells: Cell[]): Cell[] {
  return translate(notebookOf(...cells), "ko").cells;
}

describe("the Korean edition", () => {
  const edition = editionFolder("ko");
  const english = listNotebooks(notebooksFolder).map((name) => ({
    name,
    notebook: readNotebook(path.join(notebooksFolder, `${name}.ipynb`)),
  }));

  it("has every notebook", () => {
    assert.deepEqual(listNotebooks(edition), listNotebooks(notebooksFolder));
  });

  for (const { name, notebook } of english) {
    const translated = readNotebook(path.join(edition, `${name}.ipynb`));
    const { cells } = translated;

    it(`of ${name} is current (else: npm run notebooks -- ko)`, () => {
      assert.deepEqual(cells, JSON.parse(JSON.stringify(translate(notebook, "ko").cells)));
    });

    it(`of ${name} has the key metric of the English one`, () => {
      assert.match(keyMetricOf(translated), /\d$/);
      assert.equal(keyMetricOf(translated), keyMetricOf(notebook));
    });

    it(`of ${name} has its texts and comments in Korean`, () => {
      for (const { cell_type, source } of cells) {
        if (cell_type === "markdown") assert.match(joinText(source), hangul);
        else {
          for (const comment of commentsOf(joinText(source))) {
            if (!comment.includes(" --")) assert.match(comment, hangul); // no command line
          }
        }
      }
    });

    it(`of ${name} has figures in Korean, with titles of their own`, () => {
      for (const bundle of cells.flatMap(figuresOf)) {
        const { layout } = bundle[plotlyMime];
        for (const part of [layout, ...axesOf(layout)]) {
          if (part.title?.text) assert.match(part.title.text, hangul);
        }
        for (const text of textsOf(bundle)) {
          assert.doesNotMatch(text.replace(/base64,[^"]+/, ""), wordsOfTheLibrary);
        }
      }
    });
  }

  it("calls one thing by one name", () => {
    const text = english
      .flatMap(({ name }) => readNotebook(path.join(edition, `${name}.ipynb`)).cells)
      .filter(({ cell_type }) => cell_type === "markdown")
      .map(({ source }) => joinText(source))
      .join("\n");
    // Convnet, training and pretrained, edge, border: 컨브넷, 훈련, 에지, 경계.
    for (const other of ["가장자리", "학습시키", "사전 학습", "학습용"]) {
      assert.ok(!text.includes(other), other);
    }
    assert.equal(text.match(/합성곱 신경망/g)?.length, 1, "explained once, as 컨브넷");
    for (const term of ["경계 문제와 패딩", "훈련", "컨브넷", "에지"])
      assert.ok(text.includes(term));
  });
});

function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

interface Titled {
  title?: { text?: string };
}

/** What a figure is shown as. */
interface FigureBundle {
  [plotlyMime]: { layout: Titled & Record<string, unknown> };
}

function figuresOf(cell: Cell): FigureBundle[] {
  return (cell.outputs ?? []).flatMap((output) =>
    output.output_type === "display_data" && output.data[plotlyMime] !== undefined
      ? [output.data as unknown as FigureBundle]
      : [],
  );
}

function axesOf(layout: Record<string, unknown>): Titled[] {
  const names = Object.keys(layout).filter((name) => /^[xy]axis\d*$/.test(name));
  return names.map((name) => layout[name] as Titled);
}

describe("an edition", () => {
  it("leads one folder further up, and leaves out what the English notebook carries for it", () => {
    const [text, code] = koreanOf(
      markdown("[data](../data/README.md)", "[데이터](../data/README.md)"),
      program('await readFile("../data/a.json");', {}, [stdout("../data\n")]),
    );
    assert.ok(text && code);
    assert.equal(joinText(text.source), "[데이터](../../data/README.md)");
    assert.equal(joinText(code.source), 'await readFile("../../data/a.json");');
    assert.deepEqual(code.metadata, { tags: ["varies"] });
    assert.deepEqual(code.outputs, [stdout("../data\n")]);
  });

  it("changes words in strings, templates and comments, and no names", () => {
    const source = [
      "const accuracy = 0.9; // the accuracy",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a program
      "console.log(`accuracy: ${accuracy.toFixed(2)}`, { accuracy }, 'accuracy', inaccuracy);",
    ].join("\n");
    const [code] = koreanOf(program(source, { accuracy: "정확도", "the accuracy": "그 정확도" }));
    assert.equal(
      joinText(code!.source),
      [
        "const accuracy = 0.9; // 그 정확도",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a program
        "console.log(`정확도: ${accuracy.toFixed(2)}`, { accuracy }, '정확도', inaccuracy);",
      ].join("\n"),
    );
  });

  it("finds the phrases of one cell in what others print, and keeps columns", () => {
    const [, code] = koreanOf(
      program('const name = "from scratch";', { "from scratch": "처음부터" }),
      program("show(name);", {}, [stdout("from scratch    0.58\naugmented       0.74\n")]),
    );
    assert.deepEqual(code!.outputs, [stdout("처음부터        0.58\naugmented       0.74\n")]);
  });

  it("translates what the library writes into figures, and draws their pictures anew", () => {
    const history = {
      data: ["training", "validation"].map((name) => {
        return { type: "scatter", name, x: [1, 2], y: [0.9, 0.5], mode: "lines" };
      }),
      layout: { title: { text: "From scratch" }, height: 300, xaxis: { title: { text: "epoch" } } },
    };
    const bundle = {
      [plotlyMime]: history,
      "text/html": '<img src="data:image/png;base64,AAAA">',
      "text/plain": "From scratch\nloss: training 0.9 → 0.5, best 0.5 at epoch 2",
    };
    const [code] = koreanOf(
      program('plot.history(history, { title: "From scratch" })', { "From scratch": "처음부터" }, [
        display(bundle),
      ]),
    );
    const [output] = code!.outputs ?? [];
    assert.ok(output?.output_type === "display_data");
    const { data } = output;
    assert.deepEqual(Object.keys(data), Object.keys(bundle));
    const figure = data[plotlyMime] as typeof history;
    assert.equal(figure.layout.title.text, "처음부터");
    assert.equal(figure.layout.xaxis.title.text, "에포크");
    assert.equal(figure.data[0]!.name, "훈련");
    assert.equal(data["text/plain"], "처음부터\n손실: 훈련 0.9 → 0.5, 에포크 2에서 가장 좋음: 0.5");
    const [, svg] = /src="data:image\/svg\+xml;base64,([^"]+)"/.exec(String(data["text/html"]))!;
    const drawn = Buffer.from(svg!, "base64").toString("utf8");
    for (const word of ["처음부터", "에포크", "훈련", "검증"])
      assert.ok(drawn.includes(word), word);
  });

  it("is drawn alike, whatever was drawn before", () => {
    const figure = {
      data: [{ type: "scatter", x: [1, 2], y: [0.9, 0.5], mode: "lines" }],
      layout: { title: { text: "loss" }, height: 300 },
    };
    const bundle = { [plotlyMime]: figure, "text/html": ["<img>"], "text/plain": ["loss"] };
    const cell = program("", {}, [display(bundle)]);
    const [once, again] = koreanOf(cell, cell);
    assert.deepEqual(once!.outputs, again!.outputs);
  });

  it("leaves the progress of training, and pictures of pixels, as they are", () => {
    const outputs = [
      display({ "text/plain": "Epoch 1/2\n2/2 - accuracy: 0.5" }),
      display({ "image/png": "AAAA", "text/plain": "2 images: accuracy" }),
    ];
    const [code] = koreanOf(program('"accuracy"', { accuracy: "정확도" }, outputs));
    assert.deepEqual(code!.outputs, outputs);
  });

  it("is not written when a cell has no text in the language; the error names the cell", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "convnets-edition-"));
    try {
      const cells = [
        markdown("one", "하나"),
        markdown("two"),
        program("const accuracy = 1;", { accuracy: "정확도" }),
      ];
      writeNotebook(path.join(folder, "a.ipynb"), notebookOf(...cells));
      const { status, stderr } = command(folder, "ko");
      assert.equal(status, 1);
      assert.match(stderr, /^a: Cell 2: metadata\.convnets\.ko has no text; Cell 3: /m);
      assert.match(stderr, /Cell 3: .* has "accuracy", which no text of the cell's program has$/m);
      assert.throws(() => listNotebooks(path.join(folder, "ko")), { code: "ENOENT" });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("is refused in a language that there is none in", () => {
    const { status, stderr } = command(notebooksFolder, "fr");
    assert.equal(status, 2);
    assert.match(stderr, /^There is no edition "fr"\. There are: ko\. /m);
  });
});
