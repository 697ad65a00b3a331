/** The numbers of every epoch in a CSV file. */

import fs from "node:fs";
import path from "node:path";
import { checkBoolean, checkText, rejectUnknownOptions } from "../../checks";
import { invalidArgument } from "../../errors";
import { checkFilePlace, fileFault, makeFolder } from "../../files";
import { reprOf } from "../../pythonNumbers";
import { type Callback, LibraryCallback, type Logs } from "./callback";

/** Options of `callbacks.csvLogger`. */
export interface CsvLoggerOptions {
  /** What separates fields, one character. @default "," */
  separator?: string;
  /** Go on with an existing file, instead of beginning anew. @default false */
  append?: boolean;
}

class CsvLogger extends LibraryCallback {
  override onlyReadsLogs = true;
  private readonly separator: string;
  private columns: string[] | undefined;
  private needsHeader = true;

  constructor(
    private readonly filename: string,
    private readonly options: CsvLoggerOptions,
  ) {
    super();
    rejectUnknownOptions(options, { separator: true, append: true }, "csvLogger");
    checkText("filename", filename, { what: "a file's path", required: true });
    checkFilePlace("filename", filename);
    checkBoolean("append", options.append);
    this.separator = options.separator ?? ",";
    if (typeof this.separator !== "string" || this.separator.length !== 1) {
      throw invalidArgument("separator", { expected: "one character", received: this.separator });
    }
  }

  override onTrainBegin(): void {
    const { append = false } = this.options;
    this.columns = undefined;
    this.write(() => {
      makeFolder(path.dirname(path.resolve(this.filename)));
      fs.writeFileSync(this.filename, "", { flag: append ? "a" : "w" });
      const last = fs.readFileSync(this.filename).at(-1);
      this.needsHeader = last === undefined;
      // A line that a full disk has cut off is not gone on with.
      if (last !== undefined && last !== 10) fs.appendFileSync(this.filename, "\r\n");
    });
  }

  override onEpochEnd(epoch: number, logs: Logs = {}): void {
    this.columns ??= columnsOf(logs);
    const rows: string[][] = [];
    if (this.needsHeader) rows.push(["epoch", ...this.columns]);
    this.needsHeader = false;
    rows.push([String(epoch), ...this.columns.map((name) => textOf(logs[name]))]);
    const text = rows.map(
      (row) => `${row.map((field) => this.quoted(field)).join(this.separator)}\r\n`,
    );
    this.write(() => fs.appendFileSync(this.filename, text.join("")));
  }

  private write(work: () => void): void {
    try {
      work();
    } catch (cause) {
      throw fileFault(this.filename, { cause, doing: "written" });
    }
  }

  /** A file that goes on has the lines of earlier processes already. */
  takeEpoch(epoch: number, logs: Logs): void {
    if (!this.options.append) this.onEpochEnd(epoch, logs);
  }

  private quoted(field: string): string {
    const needsQuotes = field.includes(this.separator) || /["\r\n]/.test(field);
    return needsQuotes ? `"${field.replaceAll('"', '""')}"` : field;
  }
}

const textOf = (value: number | undefined) => (value === undefined ? "NA" : reprOf(value));

/** Columns keep their place when the first epoch has no validation, but a later one does. */
function columnsOf(logs: Logs): string[] {
  const names = Object.keys(logs).sort();
  if (names.some((name) => name.startsWith("val_"))) return names;
  return [...names, ...names.map((name) => `val_${name}`)];
}

/**
 * Writes a line for each epoch, as Python's csv module does.
 *
 * @param filename The file; its folder is made when missing.
 * @throws InvalidArgumentError for an empty path, one at which a folder is, or a separator that is not one character.
 * @example
 * import { callbacks, type FitOptions } from "convnets";
 * const options: FitOptions = {
 *   epochs: 30,
 *   callbacks: callbacks.csvLogger("logs/history.csv", { append: true }),
 * };
 * @see https://keras.io/api/callbacks/csv_logger/
 */
export function csvLogger(filename: string, options: CsvLoggerOptions = {}): Callback {
  return new CsvLogger(filename, options);
}
