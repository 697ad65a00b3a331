/** Shows a value in several representations at once; the reader of the output picks the richest it knows. */
import { randomUUID } from "node:crypto";
import { checkRecord, rejectUnknownOptions } from "../checks";
import { currentCell } from "./kernel";

/**
 * Representations of one value by mime type. Text (SVG and HTML too) as a string, JSON as an object, pictures as bytes.
 * The plain text is what a terminal shows.
 */
export type MimeBundle = {
  /** What a terminal shows. */
  "text/plain": string;
} & Record<string, string | object>;

/** Options of `displayBundle` and of a display's `show`. */
export interface DisplayOptions {
  /** Extra facts by mime type, for example `{ "image/png": { width: 320, height: 200 } }`. @default none */
  metadata?: Record<string, object>;
}

/** A place in the output whose content can be replaced. */
export interface Display {
  /**
   * Shows the bundle; in a notebook in place of what this display showed before, in the cell that opened the display.
   * Outside a notebook it prints the plain text.
   *
   * @throws InvalidArgumentError for an unknown option.
   */
  show(bundle: MimeBundle, options?: DisplayOptions): void;
}

/**
 * Opens a display in the cell that runs now. Nothing is shown yet.
 *
 * @returns The display. Its `show` may be called from later cells, too.
 * @example
 * import { openDisplay } from "convnets";
 * const display = openDisplay();
 * for (let step = 1; step <= 3; step++) display.show({ "text/plain": `step ${step} of 3` });
 */
export function openDisplay(): Display {
  const cell = currentCell();
  const transient = { display_id: randomUUID() };
  let shown = false;
  return {
    show(bundle, options = {}) {
      checkDisplayOptions(options, "display.show()");
      const { metadata = {} } = options;
      if (cell === undefined) {
        process.stdout.write(`${bundle["text/plain"]}\n`);
      } else {
        cell({ data: encode(bundle), metadata, transient }, shown);
        shown = true;
      }
    },
  };
}

/**
 * Shows a bundle once.
 *
 * @param bundle The representations; a terminal shows the plain text.
 * @throws InvalidArgumentError for an unknown option.
 * @example
 * import { displayBundle } from "convnets";
 * const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="9"/></svg>';
 * displayBundle({ "image/svg+xml": svg, "text/plain": "a quarter of a disc" });
 */
export function displayBundle(bundle: MimeBundle, options?: DisplayOptions): void {
  checkDisplayOptions(options, "displayBundle");
  openDisplay().show(bundle, options);
}

function checkDisplayOptions(options: DisplayOptions | undefined, where: string): void {
  rejectUnknownOptions(options, { metadata: true }, where);
  checkRecord("metadata", options?.metadata, { what: "facts by mime type" });
}

/** Jupyter's messages are JSON: bytes travel as base64. */
function encode(bundle: MimeBundle): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(bundle).map(([mime, value]) => [
      mime,
      value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value,
    ]),
  );
}
