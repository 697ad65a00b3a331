/** Turns drawings into pixels, with a font of its own: a fresh machine may have none. */
import path from "node:path";
import { Resvg } from "@resvg/resvg-js";

/** Pixels per unit of a drawing: crisp on screens of twice the usual density. */
export const pixelRatio = 2;

const fontFolder = path.dirname(require.resolve("@expo-google-fonts/inter/package.json"));
const fontFiles = ["400Regular/Inter_400Regular.ttf", "600SemiBold/Inter_600SemiBold.ttf"].map(
  (file) => path.join(fontFolder, file),
);

/**
 * Draws an SVG document as PNG bytes, at twice its size.
 *
 * Latin, Greek and Cyrillic text looks the same on every machine. Other scripts take a font of the system,
 * where it has one.
 */
export function rasterize(svg: string): Uint8Array {
  const picture = new Resvg(svg, {
    font: {
      fontFiles,
      defaultFontFamily: "Inter",
      sansSerifFamily: "Inter",
      loadSystemFonts: /[\u0600-\u1fff\u2e80-\uffff]/.test(svg),
    },
    fitTo: { mode: "zoom", value: pixelRatio },
  });
  return picture.render().asPng();
}

/** Escapes text for SVG and HTML. */
export function escapeMarkup(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
  };
  return text.replace(/[&<>"]/g, (character) => entities[character]!);
}
