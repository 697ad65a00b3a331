/**
 * The form in which JupyterLab's server saves a notebook. Whoever writes a notebook writes it so, and who opens and saves
 * it changes nothing.
 */

import { randomUUID } from "node:crypto";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { reprOf } from "../../../lib/pythonNumbers";
import {
  type Bundle,
  type Cell,
  joinText,
  type Notebook,
  type Output,
  type Text,
} from "./notebook";

/** What JupyterLab notes of the kernel: the specification that set-up installs. */
export const kernelspec = {
  display_name: "TypeScript (tslab)",
  language: "typescript",
  name: "tslab",
};

/** Whether a notebook is another kernel's; one that names none is taken for this project's. */
export function isForeign({ metadata }: Notebook): boolean {
  const { name } = (metadata?.kernelspec ?? {}) as { name?: unknown };
  return name !== undefined && name !== kernelspec.name;
}

/** What the kernel says of its language. */
export const languageInfo = {
  codemirror_mode: { mode: "typescript", name: "javascript", typescript: true },
  file_extension: ".ts",
  mimetype: "text/typescript",
  name: "typescript",
  version: "3.7.2",
};

/** What editors and runs leave in metadata and what means nothing to a reader. */
const VOLATILE = {
  notebook: ["orig_nbformat", "orig_nbformat_minor", "signature"],
  cell: ["trusted", "execution", "ExecuteTime", "scrolled"],
};

/** Writes a notebook of this project's kernel as JupyterLab's server does, whole or not at all. */
export function writeNotebook(file: string, notebook: Notebook): void {
  const temporary = `${file}.${randomUUID()}.part`;
  try {
    writeFileSync(temporary, formatNotebook(notebook));
    renameSync(temporary, file); // a notebook of the user's is never half written
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** The text of a notebook's file. */
export function formatNotebook({ metadata, cells, ...rest }: Notebook): string {
  const settled = {
    ...rest,
    metadata: { ...without(metadata, VOLATILE.notebook), kernelspec, language_info: languageInfo },
    cells: cells.map(settleCell),
  };
  return `${writeJson(settled)}\n`;
}

function settleCell(cell: Cell): Cell {
  const { outputs = [], execution_count = null, attachments, ...rest } = cell;
  const settled = {
    ...rest,
    metadata: without(cell.metadata, VOLATILE.cell),
    source: linesOf(cell.source),
    ...(attachments && {
      attachments: Object.fromEntries(
        Object.entries(attachments).map(([name, bundle]) => [name, settleBundle(bundle)]),
      ),
    }),
  };
  if (cell.cell_type !== "code") return settled;
  return { ...settled, execution_count, outputs: outputs.map(settleOutput) };
}

function settleOutput(output: Output): Output {
  switch (output.output_type) {
    case "stream":
      return { ...output, text: linesOf(output.text) };
    case "error":
      return output;
    default:
      return { metadata: {}, ...output, data: settleBundle(withoutSnapshot(output.data)) };
  }
}

/** JupyterLab's Plotly extension leaves a picture of each figure that it has drawn, and next time shows that. */
function withoutSnapshot(data: Bundle): Bundle {
  return "application/vnd.plotly.v1+json" in data ? without(data, ["image/png"]) : data;
}

function settleBundle(bundle: Bundle): Bundle {
  return Object.fromEntries(
    Object.entries(bundle).map(([mime, content]) => {
      if (/^application\/(.*\+)?json$/.test(mime)) return [mime, content];
      const isLines = mime.startsWith("text/") || SPLIT.includes(mime);
      const isText = typeof content === "string" || isListOfStrings(content);
      if (!isText) return [mime, content];
      return [mime, isLines ? linesOf(content) : joinText(content)];
    }),
  );
}

/** Kinds besides `text/…` that are kept as lines. */
const SPLIT = ["application/javascript", "image/svg+xml"];

function isListOfStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((line) => typeof line === "string");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these end lines for Python
const LINE = /[\s\S]*?(?:\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029])|[\s\S]+$/g;

/** Lines with their ends, cut where Python's `splitlines` cuts. */
function linesOf(text: Text): string[] {
  return joinText(text).match(LINE) ?? [];
}

function without<T extends object>(record: T, names: readonly string[]): T {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name))) as T;
}

/** JSON as Python's `json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False)` has it. */
function writeJson(value: unknown, indent = "\n"): string {
  const deeper = `${indent} `;
  const listed = (items: string[], [open, close]: string) =>
    items.length === 0
      ? `${open}${close}`
      : `${open}${deeper}${items.join(`,${deeper}`)}${indent}${close}`;
  if (Array.isArray(value))
    return listed(
      value.map((item) => writeJson(item, deeper)),
      "[]",
    );
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    fields.sort(([a], [b]) => (a < b ? -1 : 1));
    return listed(
      fields.map(([name, field]) => `${JSON.stringify(name)}: ${writeJson(field, deeper)}`),
      "{}",
    );
  }
  const text = JSON.stringify(value);
  // JavaScript writes 0.00001, Python 1e-05; a whole number stays one.
  return typeof value === "number" && /[.e]/.test(text) ? reprOf(value) : text;
}
