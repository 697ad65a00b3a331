/** What can show and save itself. */
import { writeFile } from "node:fs/promises";
import { inspect } from "node:util";
import { checkFilePlace, writeFileAtomically } from "../files";
import { type DisplayOptions, displayBundle, type MimeBundle, showInCell } from "../notebook";

/** Every plot: shown by `show`, or by being the last expression of a cell, and saved in three forms. */
export interface Plot {
  /** Shows the plot in the current cell; outside a notebook its text. It may be awaited. */
  show(): void | Promise<void>;
  /** Writes a picture, at twice its size on the page. The file appears whole or not at all. */
  toPng(path: string): Promise<void>;
  /** Writes a drawing that can be scaled; pictures of images hold them as they are. */
  toSvg(path: string): Promise<void>;
  /** Writes a page that shows the plot without a network. */
  toHtml(path: string): Promise<void>;
}

/** A plot that is there: its text and its forms. */
export abstract class Showable implements Plot {
  /** What the plot says, in words and numbers. */
  abstract readonly text: string;
  /** Every representation of the value, and the facts a front end needs to lay it out. */
  abstract toBundle(): { bundle: MimeBundle; options: DisplayOptions };
  /** The content of each kind of file. */
  protected abstract pngFile(): Uint8Array;
  protected abstract svgFile(): string;
  protected abstract htmlFile(): Promise<string>;

  /** Shows the value in the current cell; outside a notebook its text. */
  show(): void {
    const { bundle, options } = this.toBundle();
    displayBundle(bundle, options);
  }

  /**
   * Writes a PNG file with twice as many pixels each way as the plot has on the page, whole or not at all.
   *
   * @throws InvalidArgumentError when a folder or a device has that name.
   */
  async toPng(path: string): Promise<void> {
    await write(path, () => this.pngFile());
  }

  /**
   * Writes an SVG file, whole or not at all.
   *
   * @throws InvalidArgumentError when a folder or a device has that name.
   */
  async toSvg(path: string): Promise<void> {
    await write(path, () => this.svgFile());
  }

  /**
   * Writes a page that shows the plot without a network, whole or not at all.
   *
   * @throws InvalidArgumentError when a folder or a device has that name.
   */
  async toHtml(path: string): Promise<void> {
    await write(path, () => this.htmlFile());
  }

  /** Shows the value as a cell's last expression. */
  [showInCell](): void {
    this.show();
  }

  /** Prints as its text. */
  [inspect.custom](): string {
    return this.text;
  }
}

async function write(
  path: string,
  content: () => string | Uint8Array | Promise<string>,
): Promise<void> {
  checkFilePlace("path", path);
  const bytes = await content();
  await writeFileAtomically(path, (temporary) => writeFile(temporary, bytes));
}
