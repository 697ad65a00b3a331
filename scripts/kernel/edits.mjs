// @ts-check
/** Changes to a text, and where each place of the result comes from. */

/**
 * Applies changes to a text.
 * @param {string} text
 * @param {{ start: number, end: number, text: string }[]} edits In their order.
 */
export function apply(text, edits) {
  let result = "";
  let end = 0;
  /** Where pieces of the result begin, and where they come from. @type {[place: number, from: number, isKept: boolean][]} */
  const pieces = [];
  for (const edit of [...edits, { start: text.length, end: text.length, text: "" }]) {
    pieces.push([result.length, end, true]);
    result += text.slice(end, edit.start);
    pieces.push([result.length, edit.start, false]);
    result += edit.text;
    end = edit.end;
  }
  /** @type {import("./places.mjs").Origin} */
  const origin = (line, column) => {
    const place = column + startOfLine(result, line);
    const [start, from, isKept] = pieces.findLast(([each]) => each <= place) ?? [0, 0, true];
    return {
      line,
      column: Math.max(0, from + (isKept ? place - start : 0) - startOfLine(text, line)),
    };
  };
  return { text: result, origin };
}

/**
 * @param {string} text
 * @param {number} line
 */
function startOfLine(text, line) {
  let start = 0;
  for (let i = 0; i < line; i++) start = text.indexOf("\n", start) + 1;
  return start;
}
