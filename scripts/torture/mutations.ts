/** Damaged model files of every format that is read, and damaged features. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { readDescription, withDescription, withWeights } from "./damage/archive";
import { damaged } from "./damage/bytes";
import { changed } from "./damage/description";
import { kinds } from "./damage/kinds";
import { Chance } from "./damage/random";
import { Reader } from "./damage/reader";
import type { Section } from "./section";

/** How often each way is tried in the long form. */
const ways = {
  /** The file's own bytes. */
  keras: 1500,
  /** The description in a `.keras` file, whose checksum is made to fit. */
  description: 1500,
  /** The HDF5 file in a `.keras` file, whose checksum is made to fit. */
  inside: 600,
  weights: 600,
  legacy: 600,
  features: 200,
} as const;

type Way = keyof typeof ways;

const kindOf: Record<Way, string> = {
  keras: "keras",
  description: "keras",
  inside: "keras",
  weights: "weights",
  legacy: "legacy",
  features: "features",
};

interface Original {
  file: string;
  bytes: Buffer;
  numbers: string;
}

/** `mutations` */
export const section: Section = {
  name: "mutations",
  summary:
    "5,000 damaged model files and features: each loads to the same numbers or is one error that names the file",
  async run({ seed, scale, say }) {
    const chance = new Chance(seed);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "convnets-mutations-"));
    const reader = new Reader();
    const faults: string[] = [];
    let tried = 0;
    try {
      const originals = await makeOriginals(folder, reader);
      for (const [way, times] of Object.entries(ways) as [Way, number][]) {
        const kind = kindOf[way];
        const original = originals.get(kind)!;
        const counts = { same: 0, refused: 0, other: 0 };
        for (let i = Math.ceil(times * scale); i > 0; i--) {
          const { bytes, what } = await damage(way, original, chance);
          fs.writeFileSync(original.file, bytes);
          const answer = await reader.ask({ kind, file: original.file });
          tried++;
          const isChecked = kinds[kind]!.isChecked && way === kind;
          if (answer.numbers === original.numbers) counts.same++;
          else if (answer.error !== undefined) counts.refused++;
          else counts.other++;
          const fault = faultIn(answer, { original, isChecked });
          if (fault !== undefined) faults.push(`${way}, ${what}: ${fault}`);
        }
        say(
          `${way}: ${counts.same} the same, ${counts.refused} refused, ${counts.other} other numbers`,
        );
      }
    } finally {
      reader.close();
      fs.rmSync(folder, { recursive: true, force: true });
    }
    return { tried, faults };
  },
};

async function makeOriginals(folder: string, reader: Reader): Promise<Map<string, Original>> {
  const originals = new Map<string, Original>();
  for (const [kind, { make }] of Object.entries(kinds)) {
    const own = path.join(folder, kind);
    fs.mkdirSync(own);
    const file = await make(own);
    const { numbers, error } = await reader.ask({ kind, file });
    if (numbers === undefined) throw new Error(`the good ${kind} file can't be read: ${error}`);
    originals.set(kind, { file, bytes: fs.readFileSync(file), numbers });
  }
  return originals;
}

async function damage(
  way: Way,
  { bytes }: Original,
  chance: Chance,
): Promise<{ bytes: Buffer; what: string }> {
  if (way === "description") {
    const { text, what } = changed(await readDescription(bytes), chance);
    return { bytes: await withDescription(bytes, text), what };
  }
  if (way !== "inside") return damaged(bytes, chance);
  let what = "";
  const changedBytes = await withWeights(bytes, (weights) => {
    const inner = damaged(weights, chance);
    what = inner.what;
    return inner.bytes;
  });
  return { bytes: changedBytes, what };
}

function faultIn(
  { numbers, error }: { numbers?: string; error?: string },
  { original, isChecked }: { original: Original; isChecked: boolean },
): string | undefined {
  if (error !== undefined) {
    const isClear =
      /^(ModelFileError|ConvnetsError|DataFileError|GraphError|InvalidArgumentError): /.test(error);
    return isClear && error.includes(original.file) ? undefined : error;
  }
  return isChecked && numbers !== original.numbers
    ? "other numbers, and nobody says so"
    : undefined;
}
