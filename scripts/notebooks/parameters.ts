/** Parameters on a command line, as papermill takes them: `-p epochs 3 -p name cats`. */

/** What is left of a command line, and the parameters that were on it. */
interface Taken {
  args: string[];
  /** Values by name; undefined without any. */
  parameters: Record<string, unknown> | undefined;
}

/** Takes the parameters from a command line. */
export function takeParameters(given: readonly string[]): Taken {
  const args: string[] = [];
  const parameters: Record<string, unknown> = {};
  for (let i = 0; i < given.length; i++) {
    if (given[i] !== "-p" && given[i] !== "--parameters") {
      args.push(given[i]!);
      continue;
    }
    const [name, value] = [given[++i], given[++i]];
    if (name === undefined || value === undefined || !/^[A-Za-z_$][\w$]*$/.test(name)) {
      throw new Error(`-p must be followed by a variable's name and a value. Received: ${name}`);
    }
    parameters[name] = parseValue(value);
  }
  return { args, parameters: Object.keys(parameters).length === 0 ? undefined : parameters };
}

/** Numbers and truth values are what they look like, all else is text. */
function parseValue(text: string): unknown {
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  const number = Number(text);
  return text.trim() !== "" && Number.isFinite(number) ? number : text;
}
