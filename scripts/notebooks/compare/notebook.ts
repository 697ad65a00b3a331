/** The parts of a notebook file (nbformat 4) that the fixture runner reads and writes. */

import { readFileSync } from "node:fs";

/** nbformat keeps text either whole or as a list of lines. */
export type Text = string | string[];

/** Mime type → content: text for most, any JSON for `…+json`. */
export type Bundle = Record<string, unknown>;

export type Output =
  | { output_type: "stream"; name: "stdout" | "stderr"; text: Text }
  | { output_type: "display_data" | "execute_result"; data: Bundle; metadata?: object }
  | { output_type: "error"; ename: string; evalue: string; traceback: string[] };

export interface Cell {
  cell_type: "code" | "markdown" | "raw";
  id?: string;
  source: Text;
  /** Files that a Markdown cell carries, by name. */
  attachments?: Record<string, Bundle>;
  metadata: Record<string, unknown> & { tags?: string[] };
  outputs?: Output[];
  execution_count?: number | null;
}

export interface Notebook {
  cells: Cell[];
  metadata: Record<string, unknown>;
  nbformat: number;
  nbformat_minor: number;
}

export function readNotebook(file: string): Notebook {
  return parseNotebook(readFileSync(file, "utf8"), file);
}

/** A notebook from its file's text; `file` is what errors call it. */
export function parseNotebook(text: string, file: string): Notebook {
  let notebook: Notebook | null;
  try {
    notebook = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not a notebook: ${(error as Error).message}`);
  }
  if (!Array.isArray(notebook?.cells)) {
    throw new Error(`${file} is not a notebook: it has no cells`);
  }
  return notebook;
}

export function joinText(text: Text): string {
  return Array.isArray(text) ? text.join("") : text;
}
