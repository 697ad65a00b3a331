/** A static picture that knows how to show itself. */
import { writeFile } from "node:fs/promises";
import { writeFileAtomically } from "../files";
import type { DisplayOptions, MimeBundle } from "../notebook";
import { pixelRatio } from "./raster";
import { Showable } from "./showable";

/** A PNG picture with the text that stands for it where pictures can't be shown. */
export class Picture extends Showable {
  /** The PNG file's bytes. */
  readonly png: Uint8Array;
  /** Width on the page; the file has twice as many pixels each way. */
  readonly width: number;
  /** Height on the page. */
  readonly height: number;
  /** What stands for the picture where pictures can't be shown. */
  readonly text: string;
  /** The same picture as it is kept in a notebook, where PNG would take far more room. */
  private readonly jpeg: Uint8Array | undefined;

  constructor(png: Uint8Array, options: { text: string; jpeg?: Uint8Array | undefined }) {
    super();
    const header = new DataView(png.buffer, png.byteOffset);
    this.png = png;
    this.width = header.getUint32(16) / pixelRatio;
    this.height = header.getUint32(20) / pixelRatio;
    this.text = options.text;
    this.jpeg = options.jpeg;
  }

  /** Writes the PNG file. */
  async toPng(path: string): Promise<void> {
    await writeFileAtomically(path, (temporary) => writeFile(temporary, this.png));
  }

  /** The picture and its text, with its size on the page. */
  override toBundle(): { bundle: MimeBundle; options: DisplayOptions } {
    const type = this.jpeg === undefined ? "image/png" : "image/jpeg";
    return {
      bundle: { [type]: this.jpeg ?? this.png, "text/plain": this.text },
      options: { metadata: { [type]: { width: this.width, height: this.height } } },
    };
  }
}
