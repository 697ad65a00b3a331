/** Places for numbers in a file's path, as in Python: `{epoch:02d}-{val_loss:.2f}.keras`. */
import { InvalidArgumentError, invalidArgument } from "../../errors";
import { numberFormat, reprOf } from "../../pythonNumbers";

/** Numbers that Python has as `int`; those of the logs are floats. */
const wholeNumbers: readonly string[] = ["epoch", "batch"];

/** Puts numbers, by name, into the places of a path. */
export type PathFormat = (values: Readonly<Record<string, number>>) => string;

/**
 * Reads a path with places `{name}` or `{name:format}`, where formats are Python's: `02d`, `.2f`, `+.3e`, `.1%`.
 *
 * @returns What makes a path of numbers; it throws an InvalidArgumentError for a name that has no number.
 * @throws InvalidArgumentError for a brace without its other one, or a format that Python doesn't have for such a number.
 */
export function pathFormat(pattern: string): PathFormat {
  const parts = Array.from(
    pattern.matchAll(/\{\{|\}\}|\{([^{}:!]*)(?::([^{}]*))?\}|[^{}]+|[{}]/g),
    ([text, name, format]) => partOf(pattern, { text, name, format }),
  );
  return (values) => parts.map((part) => part(values)).join("");
}

/** A piece of the pattern: a place has a name, anything else none. */
interface Piece {
  text: string;
  name: string | undefined;
  format: string | undefined;
}

function partOf(pattern: string, { text, name, format = "" }: Piece): PathFormat {
  if (text === "{" || text === "}") {
    throw invalidArgument("filepath", {
      expected: "a path with places such as {epoch:02d}, and {{ or }} for a brace",
      received: pattern,
    });
  }
  if (name === undefined) return () => (text === "{{" || text === "}}" ? text[0]! : text);
  const isWhole = wholeNumbers.includes(name);
  const write =
    format === "" && !isWhole ? reprOf : numberFormat(format, isWhole ? "int" : "float");
  if (write === undefined) {
    const kind = isWhole ? "a whole number" : "a float";
    throw new InvalidArgumentError(
      `\`filepath\` has the format \`${format}\`, which Python doesn't have for ${kind} such as {${name}}. ` +
        `Received: filepath="${pattern}"`,
    );
  }
  return (values) => {
    const value = values[name];
    if (value !== undefined) return write(value);
    throw new InvalidArgumentError(
      `\`filepath\` names {${name}}, which is not available. ` +
        `Available: ${Object.keys(values).join(", ")}. Received: filepath="${pattern}"`,
    );
  };
}
