/** A Plotly figure that knows how to show and save itself. */
import { readFile } from "node:fs/promises";
import type { DisplayOptions, MimeBundle } from "../notebook";
import { counted } from "../text";
import { dataAddress, htmlPage, imageTag } from "./markup";
import { short } from "./numbers";
import { inPageColor } from "./pageColor";
import { plainText } from "./plotlyText";
import { escapeMarkup, rasterize } from "./raster";
import { Showable } from "./showable";
import type { Layout, Trace } from "./specification";
import { drawFigure } from "./staticFigure";
import { onPage } from "./style";

const plotlyMime = "application/vnd.plotly.v1+json";
const usualConfig = { responsive: true, displaylogo: false };

/** An interactive figure with a static picture and a text beside it. */
export class Figure extends Showable {
  /** The traces, in Plotly's terms. */
  readonly data: readonly Trace[];
  /** Title, axes and the like, in Plotly's terms. */
  readonly layout: Layout;
  /** What the figure says, in words and numbers. */
  readonly text: string;
  private readonly config: object;

  constructor(
    data: readonly Trace[],
    layout: Layout,
    options: { text?: string | undefined; config?: object | undefined } = {},
  ) {
    super();
    this.config = { ...usualConfig, ...options.config };
    this.data = data;
    this.layout = layout;
    this.text = options.text ?? describeTraces(data, layout);
  }

  /** The figure as Plotly reads it. */
  toJSON(): { data: readonly Trace[]; layout: Layout; config: object } {
    return { data: this.data, layout: this.layout, config: this.config };
  }

  /** The static picture as SVG; what can't be drawn in it, it says. */
  override toSvg(): string;
  /**
   * Writes the static picture as an SVG file, whole or not at all.
   *
   * @throws InvalidArgumentError when a folder or a device has that name.
   */
  override toSvg(path: string): Promise<void>;
  override toSvg(path?: string): string | Promise<void> {
    return path === undefined ? this.svgFile() : super.toSvg(path);
  }

  /** Every representation of the figure: for Plotly, as a static picture, and as text. */
  override toBundle(): { bundle: MimeBundle; options: DisplayOptions } {
    return {
      bundle: {
        [plotlyMime]: { ...inPageColor(this), config: this.config },
        "text/plain": this.text,
        // JupyterLab's Plotly extension would show an `image/png` of the bundle instead of the interactive figure, and
        // GitHub doesn't show every `image/svg+xml`.
        "text/html": this.tag(),
      },
      options: {},
    };
  }

  /**
   * A drawing in the page's own colours and the text, without what Plotly reads: its extension of JupyterLab draws a
   * display once and leaves it at that, while a drawing follows each change.
   */
  toDrawing(): MimeBundle {
    const svg = drawFigure(this.data, this.layout, onPage).replace(/^<\?xml.*?\?>/, "");
    const words = `role="img" aria-label="${escapeMarkup(this.text)}"`;
    return { "text/html": `<div ${words}>${svg}</div>`, "text/plain": this.text };
  }

  protected override pngFile(): Uint8Array {
    return rasterize(this.svgFile());
  }

  protected override svgFile(): string {
    return drawFigure(this.data, this.layout);
  }

  /** Plotly is inside (10 MB). */
  protected override async htmlFile(): Promise<string> {
    const library = await readFile(require.resolve("plotly.js-dist"), "utf8");
    // A closing tag inside the data would end the script.
    const json = JSON.stringify(inPageColor(this)).replaceAll("<", "\\u003c");
    return htmlPage({
      title: plainText(this.layout.title?.text ?? "Figure"),
      head: `<script>${library.replaceAll("</script", "<\\/script")}</script>\n`,
      body: `<div id="figure"></div>
<script>
const { data, layout } = ${json};
Plotly.newPlot("figure", data, layout, ${JSON.stringify(this.config)});
</script>`,
    });
  }

  private tag(): string {
    const svg = this.svgFile();
    const source = dataAddress("image/png", rasterize(svg));
    return imageTag(source, { ...pictureSize(svg), text: this.text });
  }
}

function pictureSize(svg: string): { width: number; height: number } {
  const attribute = (name: string) =>
    Number(new RegExp(`<svg[^>]* ${name}="([\\d.]+)`).exec(svg)?.[1]);
  return { width: attribute("width"), height: attribute("height") };
}

/** A line for the title and one for each trace. */
function describeTraces(data: readonly Trace[], layout: Layout): string {
  const lines = data.map((trace) => {
    const name = trace.name ?? trace.type ?? "scatter";
    if (trace.type === "heatmap" && Array.isArray(trace.z)) {
      const rows = trace.z as readonly (readonly unknown[])[];
      return `${name}: ${rows.length} × ${rows[0]?.length ?? 0} values`;
    }
    const { x, y } = trace as { x?: ArrayLike<unknown>; y?: ArrayLike<unknown> };
    const isLevel = trace.type === "bar" && (trace.orientation === "h" || y === undefined);
    const values = isLevel ? x : y;
    if (values === undefined) return name; // a kind of trace that Plotly knows and we don't
    const numbers = Array.from(values).filter((value) => typeof value === "number");
    if (numbers.length === 0) return `${name}: empty`;
    const least = numbers.reduce((a, b) => Math.min(a, b));
    const most = numbers.reduce((a, b) => Math.max(a, b));
    return `${name}: ${counted(numbers.length, "point")} from ${short(least)} to ${short(most)}`;
  });
  const title = layout.title?.text;
  return [title === undefined ? "Figure" : plainText(title), ...lines].join("\n");
}
