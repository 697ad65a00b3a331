// @ts-check

/**
 * Doctor's findings as one screen of text.
 * @param {import("./checks.mjs").Finding[]} findings
 * @returns {string}
 */
export function report(findings) {
  const width = Math.max(...findings.map(({ name }) => name.length)) + 2;
  const lines = findings.flatMap(({ name, text, hint }) => {
    const all = hint === undefined ? text : `${text}\n→ ${hint}`;
    const [first, ...rest] = all.split("\n");
    const mark = hint === undefined ? "✔" : "✖";
    return [
      `${mark} ${name.padEnd(width)}${first}`,
      ...rest.map((line) => `  ${"".padEnd(width)}${line}`),
    ];
  });
  const broken = findings.filter(({ hint }) => hint !== undefined).length;
  const closing =
    broken === 0
      ? "Everything is in order."
      : `${broken} of ${findings.length} need something: see the arrows.`;
  return [...lines, "", closing].join("\n");
}
