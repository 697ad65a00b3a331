// @ts-check
/** What `--help` prints. */

const width = 100;

/**
 * @param {string} title The command as it is typed, up to its options: `npm start --`.
 * @param {import("./command.mjs").Command} command
 * @returns {string}
 */
export function helpOf(title, { does, options, positionals, list = {}, more }) {
  const rows = Object.entries(options).map(([name, { short, takes = [], does, many }]) => {
    const names = short === undefined ? `--${name}` : `-${short}, --${name}`;
    return /** @type {[string, string]} */ ([
      [names, ...takes].join(" "),
      many ? `${does}; may be repeated` : does,
    ]);
  });
  if (positionals) rows.unshift([positionals.shown, positionals.does]);
  rows.push(["-h, --help", "shows this, and does nothing"]);
  const after = [positionals?.shown, "[OPTION…]"].filter((text) => text !== undefined).join(" ");
  const usage = `${title} ${after}`;
  const known = Object.entries(list);
  return [
    usage,
    ...wrap(does, width),
    "",
    ...columns(rows),
    ...(known.length > 0 ? ["", ...columns(known)] : []),
    ...(more === undefined ? [] : ["", more]),
  ].join("\n");
}

/**
 * Names, and beside them what they mean.
 * @param {[name: string, meaning: string][]} rows
 */
function columns(rows) {
  const indent = Math.max(...rows.map(([name]) => name.length)) + 4;
  return rows.flatMap(([name, meaning]) =>
    wrap(meaning, width - indent).map(
      (line, i) => `  ${i === 0 ? name : ""}`.padEnd(indent) + line,
    ),
  );
}

/**
 * Breaks a text into lines.
 * @param {string} text
 * @param {number} columns
 * @returns {string[]}
 */
function wrap(text, columns) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.pop();
    if (!line) lines.push(word);
    else if (line.length + 1 + word.length <= columns) lines.push(`${line} ${word}`);
    else lines.push(line, word);
  }
  return lines;
}
