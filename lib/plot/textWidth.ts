/** How wide a text is, before it is drawn. */

/** About how many pixels Inter takes; letters of Chinese, Japanese and Korean are as wide as high. */
export function textWidth(
  text: string,
  { size, bold = false }: { size: number; bold?: boolean },
): number {
  let ems = 0;
  for (const letter of text) ems += /[\u1100-\u11ff\u2e80-\uffef]/.test(letter) ? 1 : 0.57;
  return ems * size * (bold ? 1.07 : 1);
}

/** The text, shortened to fit where it must be. */
export function fitText(text: string, width: number, font: { size: number }): string {
  if (textWidth(text, font) <= width) return text;
  const letters = [...text];
  while (letters.length > 2 && textWidth(`${letters.join("")}…`, font) > width) letters.pop();
  return `${letters.join("").trimEnd()}…`;
}
