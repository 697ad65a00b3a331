/** A notebook in another language. */

import path from "node:path";
import { type Cell, joinText, type Notebook } from "../compare";
import { declaredMetric } from "../keyMetric";
import { notebooksFolder } from "../paths";
import type { Language } from "./languages";
import { asLines, mapText, translateOutput } from "./outputs";
import { type Phrases, replacer, translateProgram } from "./phrases";

/** The folder of an edition; its notebooks have the names of the English ones. */
export function editionFolder(language: Language, folder = notebooksFolder): string {
  return path.join(folder, language);
}

/**
 * The same notebook in another language: Markdown, the words of the program, and what the run has printed and drawn.
 *
 * A phrase of one code cell is found in the outputs of all of them. An edition lies one folder deeper, so paths that
 * lead out of the notebooks' folder get one step more.
 *
 * @throws Error naming the Markdown cells that have no text in this language, and phrases that a cell doesn't have.
 */
export function translate(notebook: Notebook, language: Language): Notebook {
  const missing = notebook.cells.flatMap((cell, i) => whatIsMissing(cell, language, i + 1));
  if (missing.length > 0) throw new Error(missing.join("; "));
  const code = notebook.cells.filter(({ cell_type }) => cell_type === "code");
  const all = Object.assign({}, ...code.map((cell) => phrasesOf(cell, language))) as Phrases;
  const changeOutput = replacer(all);
  const cells = notebook.cells.map((cell): Cell => {
    const { ...metadata } = cell.metadata;
    delete metadata.convnets;
    if (cell.cell_type !== "code") {
      return { ...cell, metadata, source: asLines(deeper(textIn(cell, language) as string)) };
    }
    const change = replacer(phrasesOf(cell, language));
    const outputs = cell.outputs?.map((output) => translateOutput(output, language, changeOutput));
    const source = mapText(cell.source, (text) => deeper(translateProgram(text, change)));
    return { ...cell, metadata, source, ...(outputs && { outputs }) };
  });
  return { ...notebook, metadata: translateMetric(notebook.metadata, changeOutput), cells };
}

/** The pattern of the key metric finds what the run has printed, in this language too. */
function translateMetric(
  metadata: Notebook["metadata"],
  change: (text: string) => string,
): Notebook["metadata"] {
  const metric = declaredMetric(metadata);
  if (metric === undefined) return metadata;
  const keyMetric = { ...metric, pattern: change(metric.pattern) };
  return { ...metadata, convnets: { ...(metadata.convnets as object), keyMetric } };
}

function whatIsMissing(cell: Cell, language: Language, number: number): string[] {
  const place = `Cell ${number}: metadata.convnets.${language}`;
  if (cell.cell_type === "code") {
    const source = joinText(cell.source);
    return Object.keys(phrasesOf(cell, language))
      .filter((phrase) => {
        const change = replacer({ [phrase]: "" });
        return translateProgram(source, change) === source;
      })
      .map((phrase) => `${place} has "${phrase}", which no text of the cell's program has`);
  }
  return typeof textIn(cell, language) === "string" ? [] : [`${place} has no text`];
}

function phrasesOf(cell: Cell, language: Language): Phrases {
  return (textIn(cell, language) ?? {}) as Phrases;
}

function textIn(cell: Cell, language: Language): string | Phrases | undefined {
  const texts = (cell.metadata.convnets ?? {}) as Partial<Record<Language, string | Phrases>>;
  return texts[language];
}

/** `../data/x` → `../../data/x`, `images/x` → `../images/x`, in links and in strings of code. */
function deeper(text: string): string {
  return text.replace(/(?<=[("'`])(\.\.\/|images\/)/g, "../$1");
}
