/**
 * `npm run parity` compares this library with Keras, layer by layer and option by option, and writes
 * docs/keras-matrix.md.
 */
import fs from "node:fs";
import path from "node:path";
import { writeFileAtomically } from "../../lib/files";
import { formatDuration } from "../../lib/text";
import { runCommand } from "../commands/main";
import { count, share } from "./counts";
import { pageOf } from "./page";
import { root, runCases } from "./run";
import type { Verdict } from "./verdict";

interface Options {
  /** Subjects or groups; all without any. */
  only: string[];
  applications: boolean;
  /** Where the page goes; nowhere by itself when only a part is tried. */
  page: string | undefined;
}

async function main({ only, applications, page }: Options): Promise<boolean> {
  const started = performance.now();
  const names = only.map((name) => name.toLowerCase());
  const result = await runCases({
    wanted: ({ group, subject, aliases }) =>
      names.length > 0
        ? [group, subject, ...aliases].some((name) => names.includes(name.toLowerCase()))
        : applications || group !== "applications",
    progress: (verdict, { done, all }) => {
      if (names.length > 0) show(verdict);
      progress(done, all);
    },
  });
  if (result.verdicts.length + result.notes.length === 0) {
    throw new Error(`There is nothing of these names in Keras. Received: --only ${only.join(" ")}`);
  }
  const { passingCases, cases } = count(result.verdicts);
  const place = page ?? (names.length === 0 ? path.join(root, "docs/keras-matrix.md") : undefined);
  if (place !== undefined) {
    const earlier = fs.existsSync(place) ? fs.readFileSync(place, "utf8") : undefined;
    const text = pageOf(result, { earlier, only });
    await writeFileAtomically(place, (temporary) => fs.promises.writeFile(temporary, text));
  }
  const time = formatDuration((performance.now() - started) / 1000);
  const where = place === undefined ? "" : `; ${path.relative(process.cwd(), place)} says which`;
  console.log(
    `${passingCases} of ${cases} pass, ${share(passingCases, cases)}, in ${time}${where}.`,
  );
  return true;
}

/** Says what is wrong with a case that doesn't pass. */
function show({ case: { subject, option, value }, faults, kerasFails }: Verdict): void {
  const wrong = [...faults.map(({ message }) => message), ...(kerasFails ? [kerasFails] : [])];
  if (wrong.length > 0) console.log([`✖ ${subject} ${option} ${value}`, ...wrong].join("\n    "));
}

/** A line that counts, or now and then one of its own where there is no terminal. */
function progress(done: number, all: number): void {
  if (process.stdout.isTTY) process.stdout.write(`\r${done} of ${all}${done === all ? "\n" : ""}`);
  else if (done % 100 === 0 && done < all) console.log(`${done} of ${all}`);
}

runCommand("parity", main);
