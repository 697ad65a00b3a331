/** Pieces of HTML that plots are shown in. */
import { escapeMarkup } from "./raster";

/** A picture with the words that stand for it. */
export function imageTag(
  source: string,
  { width, height, text }: { width: number; height: number; text: string },
): string {
  return `<img src="${source}" width="${width}" height="${height}" alt="${escapeMarkup(text)}">`;
}

/** The address of bytes that stand in the page itself. */
export function dataAddress(type: string, bytes: Uint8Array | string): string {
  return `data:${type};base64,${Buffer.from(bytes).toString("base64")}`;
}

/** A whole page, light or dark as its reader has chosen. */
export function htmlPage({
  title,
  body,
  head = "",
}: {
  title: string;
  body: string;
  head?: string;
}): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escapeMarkup(title)}</title>
<style>
:root { color-scheme: light dark }
body { margin: 0; font-family: system-ui, sans-serif }
img { max-width: 100%; height: auto }
</style>
${head}</head>
<body>
${body}
</body>
</html>
`;
}
