/** Several workers beside one process: what they take, what they send, and how a step grows with them. */
import { execFile, spawnSync } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { minimum, type Result, type Row } from "../report";
import type { Measured, Plan, Seen } from "./plan";
import { simulatedRow } from "./simulate";
import { gradientMB, wireRow } from "./wire";

const models = {
  pictures: { title: "180×180 convnet, batch 32", batchSize: 32, steps: 5 },
  wide: { title: "2.8 M weights in two layers, batch 64", batchSize: 64, steps: 40 },
} as const;

/** How many workers a step is measured with at a fixed share, of so many steps an epoch. */
const CREWS = [1, 2, 3, 4];
const SHARE = 16;
const GROWTH_STEPS = 25;

/** How long and how often. */
interface Extent {
  repeats: number;
  scale: number;
}

/** A network with a loopback and nothing else, in which all bytes are the workers'. */
const ownNetwork = ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"];
const hasOwnNetwork =
  spawnSync(ownNetwork[0]!, [...ownNetwork.slice(1), "true"], { stdio: "ignore" }).status === 0;

async function run(plan: Plan): Promise<Measured> {
  const script = [process.execPath, path.join(__dirname, "launch.js"), JSON.stringify(plan)];
  const [command, ...args] = [...(hasOwnNetwork ? ownNetwork : []), ...script];
  const { stdout } = await promisify(execFile)(command!, args, { maxBuffer: 2 ** 26 });
  return { seen: JSON.parse(stdout) as Seen[], isOwnNetwork: hasOwnNetwork };
}

/** Sums of what each worker has seen, epoch by epoch. */
function sums(seen: readonly Seen[], what: "cpuMs"): number[] {
  return seen[0]![what].map((_, epoch) => seen.reduce((sum, each) => sum + each[what][epoch]!, 0));
}

/** One process with whole batches, or two with halves. */
interface Variant extends Pick<Plan, "side" | "workers" | "gradientPrecision"> {
  label: string;
}

function variantsOf(batchSize: number): Variant[] {
  const [one, two] = [`1 × ${batchSize}`, `2 × ${batchSize / 2}`];
  return [
    { side: "Keras", workers: 1, label: `Keras, ${one}` },
    { side: "Keras", workers: 2, label: `Keras, ${two}` },
    { side: "convnets", workers: 1, label: `convnets, ${one}` },
    { side: "convnets", workers: 2, label: `convnets, ${two}` },
    {
      side: "convnets",
      workers: 2,
      gradientPrecision: "bfloat16",
      label: `convnets, ${two}, gradients bfloat16`,
    },
  ];
}

/** One process with whole batches beside two with halves, Keras' and ours, and what the two send. */
async function halves(model: Plan["model"], { repeats, scale }: Extent): Promise<Row[]> {
  const { title, batchSize, steps } = models[model];
  const extent = { model, steps: steps * scale, epochs: 1 + repeats };
  const variants = variantsOf(batchSize);
  const all: Measured[] = [];
  for (const { label: _, ...variant } of variants) {
    all.push(await run({ ...variant, ...extent, batchSize }));
  }
  const half = await run({ side: "convnets", workers: 1, ...extent, batchSize: batchSize / 2 });
  const results = variants.map(({ label }, i) => ({ label, values: sums(all[i]!.seen, "cpuMs") }));
  const [kerasOne, kerasTwo, one, two, low] = results as [Result, Result, Result, Result, Result];
  const silent = {
    label: `convnets, twice 1 × ${batchSize / 2}`,
    values: sums(half.seen, "cpuMs").map((ms) => 2 * ms),
  };
  return [
    {
      name: `workers-${model}`,
      title: `two workers: ${title}`,
      unit: "ms of CPU/step",
      results: [...results, silent],
      pairs: [
        [kerasTwo.label, kerasOne.label],
        [two.label, one.label],
        [low.label, one.label],
        [silent.label, one.label],
      ],
      note: `${SUMS} ${lossesNote(variants, all)}`,
    },
    wireRow(
      `wire-${model}`,
      `bytes on the wire: ${title}`,
      variants.flatMap(({ label, side, workers }, i) =>
        workers === 2 ? [{ label, side, steps: extent.steps, ...all[i]! }] : [],
      ),
    ),
    simulatedRow(`workers-simulated-${model}`, `many machines: ${title} each`, {
      stepMs: Math.min(...all[2]!.seen[0]!.ms),
      handlingMs: Math.max(0, minimum(two) - minimum(silent)) / 2,
      gradientMB: gradientMB(all[2]!.seen),
    }),
  ];
}

const SUMS =
  "CPU is user and system time of all processes, all their threads. What two halves take that don't talk (one process with " +
  "half a batch, twice) is the least that two can take.";

/** How far apart the losses are that all should have alike. */
function lossesNote(variants: readonly Variant[], all: readonly Measured[]): string {
  const [base, ...others] = all.map(({ seen }) => seen[0]!.losses);
  const apart = others.map((losses, i) => {
    const most = Math.max(...losses.map((loss, epoch) => Math.abs(loss - base![epoch]!)));
    return `${variants[i + 1]!.label}: ${most.toPrecision(2)}`;
  });
  const range = `${base![0]!.toPrecision(4)} to ${base!.at(-1)!.toPrecision(4)}`;
  const of = `Losses of ${base!.length} epochs, from ${range}`;
  return `${of}, differ from those of ${variants[0]!.label} by at most: ${apart.join("; ")}.`;
}

/** How long a step takes where each worker has as much to do as one alone. */
async function growth({ repeats, scale }: Extent): Promise<Row> {
  const results: Result[] = [];
  for (const side of ["Keras", "convnets"] as const) {
    for (const workers of CREWS) {
      const steps = GROWTH_STEPS * scale;
      const plan = { workers, batchSize: SHARE * workers, steps, epochs: 1 + repeats };
      const { seen } = await run({ side, model: "wide", ...plan });
      results.push({ label: `${side}, ${workers} × ${SHARE}`, values: seen[0]!.ms });
    }
  }
  const [kerasOne, ours] = [results[0]!, results.slice(CREWS.length)];
  return {
    name: "workers-growth",
    title: `a step of more and more workers: 2.8 M weights, ${SHARE} examples each`,
    unit: "ms/step",
    results,
    pairs: [
      ...results
        .slice(1, CREWS.length)
        .map(({ label }): [string, string] => [label, kerasOne.label]),
      ...ours.slice(1).map(({ label }): [string, string] => [label, ours[0]!.label]),
    ],
    note:
      "All workers share this machine's cores, so that four take four times the CPU of one from the same processor: on a " +
      "machine each, a step would grow by what they send alone.",
  };
}

/** All of it, a row each. */
export async function workerRows(options: Extent): Promise<Row[]> {
  if (!hasOwnNetwork) console.log("No network of their own here: bytes aren't counted.");
  const rows = [await halves("pictures", options), await halves("wide", options)].flat();
  return [...rows, await growth(options)];
}
