/** A picture that is being drawn. */
import { inspect } from "node:util";
import { openDisplay, showInCell } from "../notebook";
import type { Picture } from "./picture";
import type { Plot } from "./showable";

/** Done once the plot is shown. As a cell's last expression it is waited for, and prints nothing more. */
class Shown extends Promise<void> {
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  [showInCell](): Promise<void> {
    return this;
  }
}

/**
 * A picture that is being drawn: it shows and saves itself once it is there, in the cell that asked for it. Awaited, it
 * is the picture.
 */
export class FuturePicture extends Promise<Picture> implements Plot {
  /** What `then` and its like give: plain promises. @internal */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** Begins to draw. */
  static of(draw: () => Promise<Picture>): FuturePicture {
    return new FuturePicture((resolve) => resolve(draw()));
  }

  /** Shows the picture in the cell that runs now, as soon as it is drawn; outside a notebook its text. */
  show(): Promise<void> {
    const display = openDisplay();
    const shown = this.then((picture) => {
      const { bundle, options } = picture.toBundle();
      display.show(bundle, options);
    });
    return new Shown((resolve) => resolve(shown));
  }

  /**
   * Writes a PNG file with twice as many pixels each way as the picture has on the page, whole or not at all.
   *
   * @throws InvalidArgumentError when a folder or a device has that name.
   */
  async toPng(path: string): Promise<void> {
    await (await this).toPng(path);
  }

  /**
   * Writes an SVG file, whole or not at all.
   *
   * @throws InvalidArgumentError when a folder or a device has that name.
   */
  async toSvg(path: string): Promise<void> {
    await (await this).toSvg(path);
  }

  /**
   * Writes a page that shows the picture without a network, whole or not at all.
   *
   * @throws InvalidArgumentError when a folder or a device has that name.
   */
  async toHtml(path: string): Promise<void> {
    await (await this).toHtml(path);
  }

  /** Shows the picture as a cell's last expression. */
  [showInCell](): Promise<void> {
    return this.show();
  }

  /** Prints as what it is. */
  [inspect.custom](): string {
    return "Picture, being drawn";
  }
}
