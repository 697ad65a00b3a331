/** Places for numbers in a file's path, as in Python: `{epoch:02d}-{val_loss:.2f}.keras`. */
import { InvalidArgumentError } from "../../errors";

/**
 * Puts numbers into the places of a path.
 *
 * @param pattern A path with places `{name}` or `{name:format}`; formats are `d`, `.2f`, `.3e`, `g`, with a
 *   width and leading zeros if wanted: `02d`, `08.3f`.
 * @param values Numbers by name.
 * @throws InvalidArgumentError for a name that has no number, or an unknown format.
 */
export function formatPath(pattern: string, values: Record<string, number>): string {
  return pattern.replace(/\{\{|\}\}|\{([^{}:]*)(?::([^{}]*))?\}/g, (place, name, format) => {
    if (place === "{{") return "{";
    if (place === "}}") return "}";
    const value = values[name];
    if (value === undefined) {
      throw new InvalidArgumentError(
        `\`filepath\` names {${name}}, which is not available. ` +
          `Available: ${Object.keys(values).join(", ")}. Received: filepath="${pattern}"`,
      );
    }
    return format === undefined || format === ""
      ? String(value)
      : formatted(value, format, pattern);
  });
}

function formatted(value: number, format: string, pattern: string): string {
  const match = /^(0?)(\d*)(?:\.(\d+))?([dfeg])$/.exec(format);
  if (match === null || (match[4] === "d" && !Number.isInteger(value))) {
    throw new InvalidArgumentError(
      `\`filepath\` has the format \`${format}\`, which does not fit ${value}. Received: filepath="${pattern}"`,
    );
  }
  const [, zero, width, precision, kind] = match;
  const digits = precision === undefined ? 6 : Number(precision);
  let text: string;
  if (kind === "d") text = String(value);
  else if (kind === "f") text = value.toFixed(digits);
  else if (kind === "e") text = value.toExponential(digits).replace(/e([+-])(\d)$/, "e$10$2");
  else text = String(Number(value.toPrecision(Math.max(1, digits))));
  return text.padStart(Number(width || 0), zero ? "0" : " ");
}
