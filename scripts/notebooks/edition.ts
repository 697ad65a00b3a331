/** Editions of the notebooks in other languages, made from the texts that each cell carries. */

import path from "node:path";
import type { Cell, Notebook, Text } from "./compare";
import { notebooksFolder } from "./paths";

/** Languages other than English; a Markdown cell has its text in `metadata.convnets.LANGUAGE`. */
export type Language = "ko";

/** The folder of an edition; its notebooks have the names of the English ones. */
export function editionFolder(language: Language, folder = notebooksFolder): string {
  return path.join(folder, language);
}

/**
 * The same notebook with its Markdown in another language; code and outputs are the executed notebook's.
 *
 * An edition lies one folder deeper, so paths that lead out of the notebooks' folder get one step more.
 *
 * @throws Error naming the Markdown cells that have no text in this language.
 */
export function translate(notebook: Notebook, language: Language): Notebook {
  const missing: number[] = [];
  const cells = notebook.cells.map((cell, i): Cell => {
    if (cell.cell_type === "code") return { ...cell, source: mapText(cell.source, deeper) };
    const text = textIn(cell, language);
    if (text === undefined) missing.push(i + 1);
    return { ...cell, metadata: {}, source: asLines(deeper(text ?? "")) };
  });
  if (missing.length > 0) {
    throw new Error(`Cells without a text in metadata.convnets.${language}: ${missing.join(", ")}`);
  }
  return { ...notebook, cells };
}

function textIn(cell: Cell, language: Language): string | undefined {
  const texts = (cell.metadata.convnets ?? {}) as Partial<Record<Language, string>>;
  return texts[language];
}

/** `../data/x` → `../../data/x`, `images/x` → `../images/x`, in links and in strings of code. */
function deeper(text: string): string {
  return text.replace(/(?<=[("'`])(\.\.\/|images\/)/g, "../$1");
}

function mapText(text: Text, change: (text: string) => string): Text {
  return Array.isArray(text) ? text.map(change) : change(text);
}

/** As Jupyter writes text: a list of lines, each with its end. */
function asLines(text: string): string[] {
  return text.split(/(?<=\n)/);
}
