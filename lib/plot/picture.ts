/** A static picture that knows how to show itself. */
import type { DisplayOptions, MimeBundle } from "../notebook";
import { dataAddress, htmlPage, imageTag } from "./markup";
import { pixelRatio } from "./raster";
import { Showable } from "./showable";

/** The other forms that a picture may have beside PNG. */
export interface PictureForms {
  /** What stands for the picture where pictures can't be shown. */
  text: string;
  /** The same picture as it is kept in a notebook, where PNG would take far more room. */
  jpeg?: Uint8Array | undefined;
  /** The drawing that it was made of. */
  svg?: string;
}

/** A PNG picture with the text that stands for it where pictures can't be shown. */
export class Picture extends Showable {
  /** Width on the page; the file has twice as many pixels each way. */
  readonly width: number;
  /** Height on the page. */
  readonly height: number;
  /** What stands for the picture where pictures can't be shown. */
  readonly text: string;

  constructor(
    /** The PNG file's bytes. */
    readonly png: Uint8Array,
    private readonly forms: PictureForms,
  ) {
    super();
    const header = new DataView(png.buffer, png.byteOffset);
    this.width = header.getUint32(16) / pixelRatio;
    this.height = header.getUint32(20) / pixelRatio;
    this.text = forms.text;
  }

  /** The picture with its size on the page and its text as the words that stand for it. */
  override toBundle(): { bundle: MimeBundle; options: DisplayOptions } {
    return { bundle: { "text/html": this.tag(), "text/plain": this.text }, options: {} };
  }

  protected override pngFile(): Uint8Array {
    return this.png;
  }

  protected override svgFile(): string {
    if (this.forms.svg !== undefined) return this.forms.svg;
    const size = `width="${this.width}" height="${this.height}"`;
    const image = `<image ${size} href="${dataAddress("image/png", this.png)}"/>`;
    return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${image}</svg>`;
  }

  protected override async htmlFile(): Promise<string> {
    return htmlPage({ title: this.text.split("\n")[0]!, body: this.tag() });
  }

  private tag(): string {
    const { jpeg } = this.forms;
    const source =
      jpeg === undefined ? dataAddress("image/png", this.png) : dataAddress("image/jpeg", jpeg);
    return imageTag(source, this);
  }
}
