/** The texts of a figure of the reader's own, in the one form that the others read. */
import type { Layout } from "./specification";

type Fields = Record<string, unknown>;

/** The layout with its titles as `{ text }`. Older forms of Plotly's, which much code still has, are plain texts. */
export function givenLayout(layout: object): Layout {
  const read: Fields = withTitle(layout as Fields);
  for (const [name, part] of Object.entries(read)) {
    const isTitled = /^[xy]axis\d*$/.test(name) || name === "legend";
    if (isTitled && isFields(part)) read[name] = withTitle(part);
  }
  const { annotations } = read;
  if (Array.isArray(annotations)) {
    read.annotations = annotations.filter(isFields).map((each) => withText(each, "text"));
  }
  return read as Layout;
}

/** A trace with a text as its name, and its titles as `{ text }`. */
export function givenTrace(trace: object): object {
  const read: Fields = withTitle(withText(trace as Fields, "name"));
  if (isFields(read.colorbar)) read.colorbar = withTitle(read.colorbar);
  const { marker } = read;
  if (isFields(marker) && isFields(marker.colorbar)) {
    read.marker = { ...marker, colorbar: withTitle(marker.colorbar) };
  }
  return read;
}

function withTitle(part: Fields): Fields {
  const { title, ...others } = part;
  if (title === undefined || title === null) return others;
  if (!isFields(title)) return { ...others, title: { text: String(title) } };
  const { subtitle, ...own } = withText(title, "text");
  if (subtitle === undefined || subtitle === null) return { ...others, title: own };
  const below = isFields(subtitle) ? withText(subtitle, "text") : { text: String(subtitle) };
  return { ...others, title: { ...own, subtitle: below } };
}

/** What is missing stays missing: Plotly has its own way with it. */
function withText(part: Fields, key: string): Fields {
  const { [key]: text, ...others } = part;
  return text === undefined || text === null ? others : { ...others, [key]: String(text) };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
