/** Compares the outputs of one cell, each by its kind. */

import { normaliseText, withoutFrames } from "./normalise";
import { type Bundle, joinText, type Output, type Text } from "./notebook";
import { comparePictures } from "./picture";
import type { OutputKind, Rules } from "./rules";
import { compareStructure } from "./structure";
import { checkRanges, compareText, type Difference } from "./text";

/** One comparable thing: a stream's text, an error's, or one mime type of a display. */
interface Item {
  kind: OutputKind | "error";
  /** What a reader calls it, for example `stdout` or `image/png`. */
  name: string;
  content: unknown;
}

/** Every difference between the outputs a cell has and should have. */
export async function compareOutputs(
  expected: readonly Output[],
  actual: readonly Output[],
  rules: Rules,
): Promise<Difference[]> {
  const before = itemsOf(expected, rules);
  const after = itemsOf(actual, rules);
  const names = (items: Item[]) => items.map(({ name }) => name);
  if (names(before).join() !== names(after).join()) {
    return [missingOrNew(names(before), names(after))];
  }
  const texts = after.flatMap(({ content }) => (typeof content === "string" ? [content] : []));
  const differences = checkRanges(texts, rules.ranges);
  for (const [i, item] of before.entries()) {
    const difference = await compareItems(item, after[i]!, rules); // as many, by their names
    if (difference !== undefined) {
      differences.push({ ...difference, what: `${item.name}: ${difference.what}` });
    }
  }
  return differences;
}

async function compareItems(
  { kind, content: expected }: Item,
  { content: actual }: Item,
  rules: Rules,
): Promise<Difference | undefined> {
  if (kind !== "error" && rules.varies.has(kind)) return undefined;
  switch (kind) {
    case "plotly":
    case "json":
      return compareStructure(expected, actual, rules.tolerance);
    case "picture":
      return comparePictures(
        expected as Buffer | string,
        actual as Buffer | string,
        rules.tolerance.picture,
      );
    case "html":
      return compareHtml(expected as string, actual as string, rules);
    default:
      return compareText(expected as string, actual as string, rules);
  }
}

const EMBEDDED = /data:image\/[\w+.-]+;base64,([A-Za-z0-9+/=\s]+)/g;

/** HTML is text in which embedded pictures are compared as pictures. */
async function compareHtml(
  expected: string,
  actual: string,
  rules: Rules,
): Promise<Difference | undefined> {
  const text = (html: string) => html.replace(EMBEDDED, "<picture>");
  const difference = compareText(text(expected), text(actual), rules);
  if (difference !== undefined) return difference;
  const pictures = (html: string) =>
    Array.from(html.matchAll(EMBEDDED), ([, base64 = ""]) => Buffer.from(base64, "base64"));
  const after = pictures(actual);
  for (const [i, picture] of pictures(expected).entries()) {
    const found = await comparePictures(picture, after[i]!, rules.tolerance.picture);
    if (found !== undefined) return found;
  }
  return undefined;
}

function itemsOf(outputs: readonly Output[], { skip }: Rules): Item[] {
  return outputs
    .flatMap(itemsOfOutput)
    .filter(({ kind }) => kind === "error" || !skip.has(kind))
    .reduce(joinStreams, [])
    .filter(({ kind, content }) => !isStream(kind) || normaliseText(content as string) !== "");
}

function itemsOfOutput(output: Output): Item[] {
  switch (output.output_type) {
    case "stream":
      return [{ kind: output.name, name: output.name, content: joinText(output.text) }];
    case "error":
      return [
        {
          kind: "error",
          name: "error",
          content: withoutFrames(
            `${output.ename}: ${output.evalue}\n${output.traceback.join("\n")}`,
          ),
        },
      ];
    default:
      return Object.keys(output.data)
        .sort()
        .map((mime) => itemOfMime(mime, output.data));
  }
}

function itemOfMime(mime: string, data: Bundle): Item {
  const content = data[mime];
  if (mime === "application/vnd.plotly.v1+json") return { kind: "plotly", name: mime, content };
  if (mime.endsWith("json")) return { kind: "json", name: mime, content };
  const text = joinText(content as Text);
  if (mime === "image/svg+xml") return { kind: "picture", name: mime, content: text };
  if (mime.startsWith("image/")) {
    return { kind: "picture", name: mime, content: Buffer.from(text, "base64") };
  }
  const picture = mime === "text/html" ? onlyPicture(text) : undefined;
  if (picture !== undefined) return { kind: "picture", name: mime, content: picture };
  return { kind: mime === "text/html" ? "html" : "text", name: mime, content: text };
}

/** The picture in HTML that is nothing else: so a figure's static picture travels, and its text beside it. */
function onlyPicture(html: string): Buffer | undefined {
  const [, base64] =
    /^<img src="data:image\/[\w+.-]+;base64,([A-Za-z0-9+/=\s]+)"[^>]*>\s*$/.exec(html) ?? [];
  return base64 === undefined ? undefined : Buffer.from(base64, "base64");
}

/** Joins neighbouring texts of one stream: how a kernel cuts them up means nothing. */
function joinStreams(items: Item[], item: Item): Item[] {
  const last = items.at(-1);
  if (last?.kind === item.kind && isStream(item.kind)) {
    const content = `${last.content}${item.content}`;
    return [...items.slice(0, -1), { ...item, content }];
  }
  return [...items, item];
}

function isStream(kind: Item["kind"]): boolean {
  return kind === "stdout" || kind === "stderr";
}

function missingOrNew(expected: string[], actual: string[]): Difference {
  const list = (names: string[]) => names.join(", ") || "no output";
  const without = (names: string[], others: string[]) => {
    const rest = [...others];
    return names.filter((name) => {
      const i = rest.indexOf(name);
      if (i >= 0) rest.splice(i, 1);
      return i < 0;
    });
  };
  const missing = without(expected, actual);
  const added = without(actual, expected);
  const parts = [
    missing.length > 0 ? `missing ${missing.join(", ")}` : "",
    added.length > 0 ? `new ${added.join(", ")}` : "",
  ].filter((part) => part !== "");
  return {
    what: `outputs: ${parts.join("; ") || "in another order"}`,
    expected: list(expected),
    actual: list(actual),
  };
}
