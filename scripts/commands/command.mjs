// @ts-check
/** Command lines: what a command takes, and how it is read. Nothing that set-up installs is needed. */
import { parseArgs } from "node:util";
import { wrong } from "./usage.mjs";

/**
 * What a value must be: one of some names, or of some form.
 * @typedef {{ names: readonly string[], what: string } | { form: RegExp, expected: string }} Check
 */

/**
 * @typedef {object} Option
 * @property {string} does What it is for, as help shows it.
 * @property {string} [short] A letter for it.
 * @property {string[]} [takes] What the values that follow it are called; a flag without.
 * @property {boolean} [many] Whether it may be repeated: then all of its values are kept.
 * @property {Check} [check] Of its only value.
 */

/**
 * Names on the command line that no option stands before.
 * @typedef {object} Positionals
 * @property {string} shown As help's first line shows them: `[NOTEBOOK…]`.
 * @property {string} does What they are.
 * @property {number} [most] How many there may be; any number by default.
 * @property {Check} [check] Of each.
 */

/**
 * @typedef {object} Command
 * @property {string} does What it does, as help says it.
 * @property {Record<string, Option>} options
 * @property {Positionals} [positionals] None by default.
 * @property {boolean} [passesOn] Whether all but `--help` is another program's; not by default.
 * @property {Record<string, string>} [list] What help says of names that it takes.
 * @property {string} [more] What else help says.
 * @property {string} [script] The compiled script that does it, in `.build/scripts/`.
 * @property {(given: Given) => Record<string, unknown>} [finish] Checks what belongs together, and makes of it what the
 *   command needs; `values` and `names` by default.
 */

/**
 * A command line as it was given: of each option `true`, its value, or a list of values.
 * @typedef {{ values: Record<string, any>, names: string[] }} Given
 */

/**
 * Reads a command line.
 * @param {string} title The command as it is typed: `npm start`.
 * @param {Command} command
 * @param {readonly string[]} line What follows it.
 * @returns {Given}
 * @throws {import("./usage.mjs").UsageError} Of one line, for anything that the command doesn't take.
 */
export function readLine(title, command, line) {
  const { options, positionals } = command;
  if (command.passesOn) return { values: {}, names: [...line] };
  const { args, values } = takePairs(options, line);
  const { tokens } = parseArgs({
    args,
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(options).map(([name, each]) => [name, asNode(each)]),
    ),
  });
  /** @type {Given} */
  const given = { values, names: [] };
  for (const token of tokens) {
    if (token.kind === "positional") given.names.push(token.value);
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (option === undefined) wrongOption(title, options, token.rawName);
    keep(values, token, option);
  }
  const most = positionals ? (positionals.most ?? Number.POSITIVE_INFINITY) : 0;
  const [tooMany] = given.names.slice(most);
  if (tooMany !== undefined) {
    const allowed = positionals ? `${positionals.shown} alone` : "options only";
    wrong(`${title} takes ${allowed}. Received: ${tooMany}`);
  }
  for (const name of given.names) checked(undefined, positionals?.check, name);
  return given;
}

/**
 * An option as Node's parser knows it.
 * @param {Option} option
 */
function asNode({ takes, short }) {
  const type = /** @type {"string" | "boolean"} */ (takes === undefined ? "boolean" : "string");
  return short === undefined ? { type } : { type, short };
}

/**
 * Takes options with two values, which Node's parser doesn't know: `-p epochs 3`.
 * @param {Record<string, Option>} options
 * @param {readonly string[]} line
 */
function takePairs(options, line) {
  /** @type {Record<string, unknown>} */
  const values = {};
  /** @type {string[]} */
  const args = [];
  const pairs = Object.entries(options).filter(([, { takes }]) => takes?.length === 2);
  for (let i = 0; i < line.length; i++) {
    const text = line[i] ?? "";
    const pair = pairs.find(([name, { short }]) => text === `--${name}` || text === `-${short}`);
    if (pair === undefined) {
      args.push(text);
      continue;
    }
    const [name, { takes = [] }] = pair;
    const [one, other] = [line[++i], line[++i]];
    if (one === undefined || other === undefined) {
      wrong(`${text} must be followed by ${takes.join(" and ")}. Received: ${one ?? "nothing"}`);
    }
    values[name] = [.../** @type {unknown[]} */ (values[name] ?? []), [one, other]];
  }
  return { args, values };
}

/**
 * @param {Record<string, any>} values
 * @param {{ name: string, rawName: string, value?: string | undefined, inlineValue?: boolean | undefined }} token
 * @param {Option} option
 */
function keep(values, { name, rawName, value, inlineValue }, option) {
  const { takes, many, check } = option;
  if (takes === undefined) {
    if (value !== undefined) wrong(`${rawName} takes no value. Received: ${rawName}=${value}`);
    values[name] = true;
    return;
  }
  if (takes.length === 2) {
    // Those that stand apart have been taken: this is `--parameters=epochs` or `-pepochs`.
    const given = `${rawName}${rawName.startsWith("--") ? "=" : ""}${value}`;
    wrong(`${rawName} must be followed by ${takes.join(" and ")}. Received: ${given}`);
  }
  if (!value || (value.startsWith("-") && !inlineValue)) {
    const received = value === "" ? '""' : (value ?? "nothing");
    wrong(`${rawName} must be followed by ${takes[0]}. Received: ${received}`);
  }
  const text = checked(rawName, check, value);
  values[name] = many ? [...(values[name] ?? []), text] : text;
}

/**
 * A value, if it is as it must be.
 * @param {string | undefined} option The option that it is of, if any.
 * @param {Check | undefined} check
 * @param {string} value
 * @returns {string}
 */
function checked(option, check, value) {
  if (check === undefined) return value;
  if ("form" in check) {
    const what = option ?? "What it is about";
    if (!check.form.test(value)) wrong(`${what} must be ${check.expected}. Received: ${value}`);
  } else if (!check.names.includes(value)) {
    const message = `There is no ${check.what} ${value}.`;
    wrong(message, { given: value, known: check.names });
  }
  return value;
}

/**
 * @param {string} title
 * @param {Record<string, Option>} options
 * @param {string} given
 * @returns {never}
 */
function wrongOption(title, options, given) {
  const known = [...Object.keys(options), "help"].map((name) => `--${name}`);
  return wrong(`${title} has no option ${given}.`, { given, known });
}
