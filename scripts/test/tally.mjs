// @ts-check
/** Counts of what passed, failed and was skipped. */

/** @typedef {{ passed: number, failed: number, skipped: number }} Tally */

/** What a user or a supervisor stops a run with. */
const signals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

/** @type {Tally} */
export const nothing = { passed: 0, failed: 0, skipped: 0 };

/**
 * @param {Tally} a
 * @param {Tally} b
 * @returns {Tally}
 */
function add(a, b) {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}

/**
 * One check that passes or fails as a whole.
 * @param {number} exitCode
 * @returns {Tally}
 */
export function ofExitCode(exitCode) {
  return exitCode === 0 ? { ...nothing, passed: 1 } : { ...nothing, failed: 1 };
}

/**
 * Reads the counts at the end of node:test's TAP output.
 * @param {string} tap
 * @returns {Tally | undefined} `undefined` when the run did not get to its end.
 */
export function fromTap(tap) {
  const count = (/** @type {string} */ name) => {
    const found = [...tap.matchAll(new RegExp(`^# ${name} (\\d+)$`, "gm"))].at(-1);
    return found === undefined ? undefined : Number(found[1]);
  };
  const passed = count("pass");
  const failed = count("fail");
  if (passed === undefined || failed === undefined) return undefined;
  return {
    passed,
    failed: failed + (count("cancelled") ?? 0),
    skipped: (count("skipped") ?? 0) + (count("todo") ?? 0),
  };
}

/**
 * Reads the last line of the form `3 passed, 0 failed`.
 * @param {string} output
 * @returns {Tally | undefined}
 */
export function fromClosingLine(output) {
  const lines = [...output.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm)];
  const last = lines.at(-1);
  if (last === undefined) return undefined;
  return { passed: Number(last[1]), failed: Number(last[2]), skipped: Number(last[3] ?? 0) };
}

/** @param {Tally} tally */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/**
 * Runs the parts one after the other, each under its title, and names those that failed.
 *
 * A signal that ends the part under way ends the run: what is left counts as failed.
 * @param {{ title: string, run: () => Tally | Promise<Tally> }[]} parts
 * @param {{ say?: (line: string) => void }} [options]
 * @returns {Promise<Tally>}
 */
export async function sumOf(parts, { say = console.log } = {}) {
  let total = nothing;
  const failed = [];
  let isStopped = false;
  const stop = () => {
    isStopped = true;
  };
  for (const signal of signals) process.on(signal, stop);
  for (const { title, run } of parts) {
    if (isStopped) {
      failed.push(`${title} (stopped before it)`);
      total = add(total, { ...nothing, failed: 1 });
      continue;
    }
    say(`\n${title}`);
    const tally = await run();
    if (tally.failed > 0) failed.push(title);
    total = add(total, tally);
  }
  for (const signal of signals) process.off(signal, stop);
  if (failed.length > 0) say(`\nFailed: ${failed.join("; ")}`);
  return total;
}
