/** Texts of a program that people read, and other words for them. */

/** English words → the same in another language. */
export type Phrases = Readonly<Record<string, string>>;

const comment = String.raw`\/\/.*|\/\*[\s\S]*?\*\/`;
const string = String.raw`"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'`;
/** What a template computes; it may hold braces, but no braces within those. */
const computed = String.raw`\$\{(?:[^{}]|\{[^{}]*\})*\}`;
const template = String.raw`\`(?:\\.|${computed}|[^\`\\])*\``;

/** Puts other words into comments, strings and templates; names and what templates compute stay. */
export function translateProgram(program: string, change: (text: string) => string): string {
  return program.replace(new RegExp(`${comment}|${string}|${template}`, "g"), (text) =>
    text.startsWith("`") ? changeTemplate(text, change) : change(text),
  );
}

function changeTemplate(text: string, change: (text: string) => string): string {
  return text
    .split(new RegExp(`(${computed})`))
    .map((piece) => (piece.startsWith("${") ? piece : change(piece)))
    .join("");
}

/** The comments of a program. */
export function commentsOf(program: string): string[] {
  const tokens = program.match(new RegExp(`${comment}|${string}|${template}`, "g")) ?? [];
  return tokens.filter((text) => text.startsWith("/"));
}

/**
 * Replaces phrases, the longest first, where no letter or digit goes on; each place is replaced once. In a column of a
 * table, so before two spaces or more, as many spaces follow as keep the next column in its place.
 */
export function replacer(phrases: Phrases): (text: string) => string {
  const known = Object.keys(phrases).sort((a, b) => b.length - a.length);
  if (known.length === 0) return (text) => text;
  const alone = (phrase: string) =>
    `${/^\w/.test(phrase) ? "(?<!\\w)" : ""}${escaped(phrase)}${/\w$/.test(phrase) ? "(?!\\w)" : ""}`;
  const pattern = new RegExp(`(${known.map(alone).join("|")})( {2,})?`, "g");
  return (text) =>
    text.replace(pattern, (_, phrase: string, gap = "") => {
      const words = phrases[phrase]!;
      const room = widthOf(phrase) + gap.length - widthOf(words);
      return gap === "" ? words : words + " ".repeat(Math.max(1, room));
    });
}

/** Columns of a terminal: two for a syllable of Hangul. */
function widthOf(text: string): number {
  return [...text].reduce((sum, each) => sum + (/\p{Script=Hangul}/u.test(each) ? 2 : 1), 0);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
