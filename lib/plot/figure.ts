/** A Plotly figure that knows how to show and save itself. */
import { readFile, writeFile } from "node:fs/promises";
import { checkFilePlace, writeFileAtomically } from "../files";
import type { DisplayOptions, MimeBundle } from "../notebook";
import { short } from "./numbers";
import { escapeMarkup, rasterize } from "./raster";
import { Showable } from "./showable";
import type { Layout, Trace } from "./specification";
import { drawFigure } from "./staticFigure";

const plotlyMime = "application/vnd.plotly.v1+json";

/** An interactive figure with a static picture and a text beside it. */
export class Figure extends Showable {
  /** The traces, in Plotly's terms. */
  readonly data: readonly Trace[];
  /** Title, axes and the like, in Plotly's terms. */
  readonly layout: Layout;
  /** What the figure says, in words and numbers. */
  readonly text: string;

  constructor(data: readonly Trace[], layout: Layout, options: { text?: string } = {}) {
    super();
    this.data = data;
    this.layout = layout;
    this.text = options.text ?? describeTraces(data, layout);
  }

  /** The figure as Plotly reads it. */
  toJSON(): { data: readonly Trace[]; layout: Layout; config: object } {
    const config = { responsive: true, displaylogo: false };
    return { data: this.data, layout: this.layout, config };
  }

  /** The static picture as SVG, or undefined where the figure has kinds of traces that can't be drawn. */
  toSvg(): string | undefined {
    return drawFigure(this.data, this.layout);
  }

  /**
   * Writes a page that shows the figure without a network: Plotly is inside (10 MB). It appears whole or not at all.
   *
   * @throws InvalidArgumentError when a folder or a device has that name.
   */
  async toHtml(path: string): Promise<void> {
    checkFilePlace("path", path);
    const library = await readFile(require.resolve("plotly.js-dist"), "utf8");
    const title = escapeMarkup(this.layout.title?.text ?? "Figure");
    // A closing tag inside the data would end the script.
    const json = JSON.stringify(this).replaceAll("<", "\\u003c");
    const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${title}</title>
<style>html, body { height: 100%; margin: 0 } #figure { height: 100% }</style>
<script>${library.replaceAll("</script", "<\\/script")}</script>
</head>
<body>
<div id="figure"></div>
<script>
const { data, layout, config } = ${json};
delete layout.height;
Plotly.newPlot("figure", data, layout, config);
</script>
</body>
</html>
`;
    await writeFileAtomically(path, (temporary) => writeFile(temporary, page));
  }

  /** Every representation of the figure: for Plotly, as a static picture, and as text. */
  override toBundle(): { bundle: MimeBundle; options: DisplayOptions } {
    const bundle: MimeBundle = { [plotlyMime]: this.toJSON(), "text/plain": this.text };
    const svg = this.toSvg();
    return {
      bundle: svg === undefined ? bundle : { ...bundle, "text/html": htmlPicture(svg, this.text) },
      options: {},
    };
  }

  /**
   * A picture and the text, without what Plotly reads: its extension of JupyterLab draws a display once and leaves it
   * at that, while a picture follows each change.
   */
  toDrawing(): MimeBundle {
    const svg = this.toSvg();
    if (svg === undefined) return { "text/plain": this.text };
    const source = `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
    return { "text/html": htmlImage(source, pictureSize(svg), this.text), "text/plain": this.text };
  }
}

/**
 * The static picture as a piece of HTML. JupyterLab's Plotly extension would show an `image/png` of the bundle instead
 * of the interactive figure, and GitHub doesn't show every `image/svg+xml`.
 */
function htmlPicture(svg: string, text: string): string {
  const png = Buffer.from(rasterize(svg)).toString("base64");
  return htmlImage(`data:image/png;base64,${png}`, pictureSize(svg), text);
}

function htmlImage(
  source: string,
  { width, height }: { width: number; height: number },
  text: string,
): string {
  return `<img src="${source}" width="${width}" height="${height}" alt="${escapeMarkup(text)}">`;
}

function pictureSize(svg: string): { width: number; height: number } {
  const attribute = (name: string) =>
    Number(new RegExp(`<svg[^>]* ${name}="([\\d.]+)`).exec(svg)?.[1]);
  return { width: attribute("width"), height: attribute("height") };
}

/** A line for the title and one for each trace. */
function describeTraces(data: readonly Trace[], layout: Layout): string {
  const lines = data.map((trace) => {
    const name = trace.name ?? trace.type;
    if (trace.type === "heatmap") return `${name}: ${trace.z.length} × ${trace.x.length} values`;
    const values = trace.type === "bar" && trace.orientation === "h" ? trace.x : trace.y;
    if (values === undefined) return name; // a kind of trace that Plotly knows and we don't
    const numbers = values.filter((value): value is number => typeof value === "number");
    if (numbers.length === 0) return `${name}: empty`;
    const least = numbers.reduce((a, b) => Math.min(a, b));
    const most = numbers.reduce((a, b) => Math.max(a, b));
    return `${name}: ${numbers.length} points from ${short(least)} to ${short(most)}`;
  });
  return [layout.title?.text ?? "Figure", ...lines].join("\n");
}
