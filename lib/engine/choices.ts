/**
 * What is chosen by measuring it here: at first use, once for a processor, and then kept in a file.
 *
 * The file lies in the user's cache, one for each processor and version of the library. A process chooses once; what it
 * finds in the file it takes, and one that measures has others wait, so that all of a machine compute the same. A file
 * that is damaged is written anew; where none can be written each process measures for itself.
 */
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { EnvironmentError } from "../errors";
import { claim, hashOf, writeFileAtomically } from "../files";
import { libraryVersion, sharedFolder } from "../installation";
import { isObject, type Json, type JsonObject } from "../json";
import { nativeModule, processorFeatures } from "../native";
import { tensorflowVersion } from "../tfjs";

/** What was chosen, and how long each took. */
export interface Choice {
  /** What it is about, for example `"first layer 180×180×3 to 32 filters, float32"`. */
  what: string;
  /** What is used. */
  chosen: string;
  /** Milliseconds that each alternative took, by name. */
  ms: Record<string, number>;
}

/** What is faster takes less than this share of the time. */
const CLEARLY = 0.9;

const made = new Map<string, Promise<Choice>>();
const settled: Choice[] = [];

/** What there is to choose from. */
export interface Alternatives {
  /** Their names; the first is taken unless another takes less than 0.9 of its time. */
  names: readonly string[];
  /** Gives the milliseconds of each, by name. */
  measure: () => Promise<Record<string, number>>;
}

/**
 * The fastest of some alternatives.
 *
 * @param what What it is about; the same always means the same alternatives.
 */
export async function chooseFastest(what: string, alternatives: Alternatives): Promise<string> {
  let choice = made.get(what);
  if (choice === undefined) {
    choice = keptOrMeasured(what, alternatives).then((ms) => {
      const found = { what, chosen: fastest(ms, alternatives.names), ms };
      settled.push(found);
      return found;
    });
    made.set(what, choice);
    choice.catch(() => made.delete(what));
  }
  return (await choice).chosen;
}

/** The first, unless another is faster by more than chance. */
function fastest(ms: Record<string, number>, [first, ...others]: readonly string[]): string {
  const best = others.reduce((least, name) => (ms[name]! < ms[least]! ? name : least), others[0]!);
  return ms[best]! < CLEARLY * ms[first!]! ? best : first!;
}

/**
 * What a variable of the environment says instead of a measurement; undefined where it isn't set.
 *
 * @throws EnvironmentError for anything else than `allowed`.
 */
export function fixedChoice<Name extends string>(
  variable: string,
  allowed: readonly Name[],
): Name | undefined {
  const wanted = process.env[variable];
  if (!wanted) return undefined;
  const found = allowed.find((name) => name === wanted);
  if (found !== undefined) return found;
  throw new EnvironmentError(
    `${variable} must be one of ${allowed.join(", ")}. Received: ${wanted}`,
  );
}

/** What this process has chosen so far. */
export function choices(): Choice[] {
  return structuredClone(settled);
}

async function keptOrMeasured(
  what: string,
  { names, measure }: Alternatives,
): Promise<Record<string, number>> {
  const file = choicesFile();
  const kept = timesOf((await readChoices(file))[what], names);
  if (kept !== undefined) return kept;
  const done = await claim(file).catch(() => undefined);
  try {
    const meanwhile = timesOf((await readChoices(file))[what], names);
    if (meanwhile !== undefined) return meanwhile;
    const ms = await measure();
    await keep(file, { ...(await readChoices(file)), [what]: ms }).catch(() => undefined);
    return ms;
  } finally {
    await done?.();
  }
}

/** Where the choices of this processor, as far as it may be used, are kept. */
function choicesFile(): string {
  const processor = [
    os.cpus()[0]?.model.trim(),
    os.availableParallelism(),
    processorFeatures(),
    nativeModule().usesOneDnn(),
    tensorflowVersion(),
  ];
  const name = `${libraryVersion()}-${hashOf(JSON.stringify(processor)).slice(0, 16)}.json`;
  return path.join(sharedFolder(), "choices", name);
}

/** What is in a file; nothing where there is none, or none that is whole. */
async function readChoices(file: string): Promise<JsonObject> {
  try {
    const kept: unknown = JSON.parse(await fs.readFile(file, "utf8"));
    return isObject(kept) ? kept : {};
  } catch {
    return {};
  }
}

/** The milliseconds of all alternatives; undefined for anything else. */
function timesOf(
  kept: Json | undefined,
  names: readonly string[],
): Record<string, number> | undefined {
  if (!isObject(kept)) return undefined;
  const times = names.map((name) => [name, kept[name]] as const);
  const isWhole = times.every(([, ms]) => typeof ms === "number" && ms >= 0);
  return isWhole ? (Object.fromEntries(times) as Record<string, number>) : undefined;
}

function keep(file: string, choices: JsonObject): Promise<void> {
  return writeFileAtomically(file, (temporary) =>
    fs.writeFile(temporary, `${JSON.stringify(choices, undefined, 2)}\n`),
  );
}
