/** Outputs of a run in another language: printed lines and figures. */
import { plot } from "../../../lib/index";
import { joinText, type Output, type Text } from "../compare";
import type { Language } from "./languages";
import { applyRules, libraryWords } from "./words";

const plotlyMime = "application/vnd.plotly.v1+json";

/**
 * The same output with the words of the notebook and of the library in another language.
 *
 * A figure's picture is drawn anew, as SVG: the reader's own fonts then set its words, which the library's font may
 * not have. What is made of pixels stays as it is, so captions of images must need no translation; and so does the
 * progress of `fit`, which reads like Keras'.
 *
 * @param change Puts the notebook's words into the language.
 */
export function translateOutput(
  output: Output,
  language: Language,
  change: (text: string) => string,
): Output {
  const { figures, printed } = libraryWords[language];
  if (output.output_type === "stream") {
    return { ...output, text: mapText(output.text, (text) => applyRules(change(text), printed)) };
  }
  if (output.output_type === "error" || output.data[plotlyMime] === undefined) return output;
  const { data } = output;
  const words = (text: string) => applyRules(change(text), figures);
  const figure = mapStrings(data[plotlyMime], words) as Pick<plot.Figure, "data" | "layout">;
  const text = words(joinText(data["text/plain"] as Text));
  const { data: traces, layout } = mapStrings(figure, inOwnColor) as typeof figure;
  const drawn = picture(new plot.Figure(traces, layout, { text }));
  const bundle: Record<string, unknown> = {
    [plotlyMime]: figure,
    "text/html": Array.isArray(data["text/html"]) ? asLines(drawn) : drawn,
    "text/plain": Array.isArray(data["text/plain"]) ? asLines(text) : text,
  };
  return {
    ...output,
    data: Object.fromEntries(Object.keys(data).map((type) => [type, bundle[type]])),
  };
}

const inPageColor = '<span style="color:currentColor">';

/** A text without the page's colour, which only the interactive figure takes. */
function inOwnColor(text: string): string {
  if (text.includes(inPageColor)) return text.replaceAll(inPageColor, "").replace(/<\/span>$/, "");
  return text === "</span>" ? "" : text;
}

/** A figure as HTML: its drawing, without names in it that count what was drawn before, and its text. */
function picture(figure: plot.Figure): string {
  const svg = figure
    .toSvg()
    .replace(/<style\b[\s\S]*?<\/style>| class="zr\d+-cls-\d+"/g, "")
    .replace(/\bzr\d+-/g, "zr-");
  const [, width, height] = /<svg width="(\d+)" height="(\d+)"/.exec(svg) ?? [];
  const source = `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
  const text = figure.text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  return `<img src="${source}" width="${width}" height="${height}" alt="${text}">`;
}

function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, mapStrings(item, change)]),
  );
}

/** Changes a text as a whole, so that phrases may go over lines, and keeps its form. */
export function mapText(text: Text, change: (text: string) => string): Text {
  const changed = change(joinText(text));
  return Array.isArray(text) ? asLines(changed) : changed;
}

/** As Jupyter writes text: a list of lines, each with its end. */
export function asLines(text: string): string[] {
  return text.split(/(?<=\n)/);
}
