/**
 * `npm run bench`: this library beside Python Keras, in one run.
 *
 * Every side of a case is a process that stays; they run in turns, so that the machine's moods meet all of them.
 * Ratios are to Keras in float32: of the minima (Keras has a slow mode on some machines), with medians beside.
 * `--save` puts each case's results, with date and machine, in the place of its earlier ones; `--torch` adds PyTorch;
 * `--scale N` makes each run N times as long, for machines that are done with it in a moment; `--beside FOLDER` puts
 * the library beside that another checkout has compiled, such as the commit before a change, in rows of their own.
 */
import { execFileSync } from "node:child_process";
import path from "node:path";
import { parseArgs } from "node:util";
import { importTimes } from "./imports";
import { preparePictures } from "./pictures";
import { printMachine, type Row, saveResult, table } from "./report";
import { Side, type SideName } from "./side";
import { prepareTorch, torchCases, torchSides } from "./torch";

interface Case {
  title: string;
  unit: string;
  workload: string;
  sides: SideName[];
  /** Labels of two sides that do the same, besides each with the first. */
  pairs?: [label: string, base: string][];
  /** What must be there before the sides start. */
  prepare?: () => Promise<void>;
}

const ours = (...modes: string[]): SideName[] =>
  modes.map((mode) => ({ label: mode === "graph" ? "convnets" : `convnets ${mode}`, mode }));
/** The modes of ours that another build is put beside. */
const besides = ["graph", "cached", "cached-fixed"];

const keras: SideName = { label: "Keras", mode: "keras" };
const kerasLow: SideName = { label: "Keras mixed_bfloat16", mode: "keras-bfloat16" };

/** The first step of a new model, tracing and compilation included. */
const start = (workload: string, model: string): Case => ({
  title: `first step of fit: ${model}`,
  unit: "ms",
  workload,
  sides: [keras, ...ours("graph", "eager")],
});

const cases: Record<string, Case> = {
  mnist: {
    title: "MNIST convnet, batch 64, whole fit",
    unit: "ms/step",
    workload: "mnist",
    sides: [keras, ...ours("graph", "bfloat16", "eager"), kerasLow],
  },
  pictures: {
    title: "180×180 convnet, batch 32, whole fit",
    unit: "ms/step",
    workload: "pictures",
    sides: [keras, ...ours("graph", "bfloat16", "eager"), kerasLow],
  },
  augmented: {
    title: "the same with augmentation and dropout",
    unit: "ms/step",
    workload: "augmented",
    sides: [keras, ...ours("graph", "bfloat16")],
  },
  features: {
    title: "VGG16 features, 180×180",
    unit: "ms/image",
    workload: "features",
    sides: [keras, ...ours("graph", "bfloat16", "eager"), kerasLow],
  },
  mobile: {
    title: "MobileNetV2 features, 180×180",
    unit: "ms/image",
    workload: "mobile",
    sides: [keras, ...ours("graph", "bfloat16", "eager")],
  },
  single: {
    title: "MobileNetV2 features, 180×180, one picture a call",
    unit: "ms/call",
    workload: "single",
    sides: [keras, ...ours("graph", "eager")],
  },
  finetune: {
    title: "fine-tuning VGG16's last block, batch 32",
    unit: "ms/step",
    workload: "finetune",
    sides: [keras, ...ours("graph", "bfloat16")],
  },
  frozen: {
    title: "augmentation and a frozen MobileNetV2, batch 32",
    unit: "ms/step",
    workload: "frozen",
    sides: [keras, ...ours("graph", "bfloat16")],
  },
  evaluate: {
    title: "evaluate, 180×180 convnet, batch 32",
    unit: "ms/step",
    workload: "evaluate",
    sides: [keras, ...ours("graph", "bfloat16", "eager")],
  },
  tiny: {
    title: "tiny convnet: 8 filters, 16×16, batch 8, 2,000 steps, whole fit",
    unit: "ms/step",
    workload: "tiny",
    sides: [keras, ...ours("graph")],
  },
  "start-mnist": start("start-mnist", "MNIST's convolutions, batch 64"),
  "start-pictures": start("start-pictures", "180×180 convnet, batch 32"),
  "start-normalized": start(
    "start-normalized",
    "four blocks with batch normalisation, 224×224, batch 8",
  ),
  "start-residual": start("start-residual", "frozen ResNet50, 224×224, batch 8"),
  cached: {
    title: "180×180 convnet from a cached image dataset, batch 32, whole fit",
    unit: "ms/step",
    workload: "cached",
    prepare: preparePictures,
    sides: [
      keras,
      { label: "convnets", mode: "cached" },
      { label: "convnets fixed order", mode: "cached-fixed" },
    ],
  },
  data: {
    title: "loading 2,000 JPEG files, 180×180, batch 32, whole epoch",
    unit: "ms/image",
    workload: "data",
    prepare: preparePictures,
    sides: [
      keras,
      ...ours("graph"),
      { label: "Keras .cache()", mode: "keras-cached" },
      { label: "convnets cache, fixed order", mode: "cached-fixed" },
      { label: "Keras .cache().shuffle().batch()", mode: "keras-reshuffled" },
      { label: "convnets cache", mode: "cached" },
    ],
    pairs: [
      ["convnets cache, fixed order", "Keras .cache()"],
      ["convnets cache", "Keras .cache().shuffle().batch()"],
    ],
  },
};

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      repeats: { type: "string", default: "5" },
      scale: { type: "string", default: "1" },
      save: { type: "boolean", default: false },
      torch: { type: "boolean", default: false },
      beside: { type: "string" },
    },
  });
  const known = [...Object.keys(cases), "import"];
  const chosen = positionals.length > 0 ? positionals : known;
  for (const name of chosen) {
    if (!known.includes(name)) throw new Error(`no case ${name}; there are ${known.join(", ")}`);
  }
  const repeats = count("repeats", values.repeats);
  const scale = count("scale", values.scale);
  if (values.torch) prepareTorch();
  printMachine();
  for (const name of chosen) {
    const row =
      name === "import"
        ? await importTimes(repeats)
        : await measure(name, { repeats, scale, torch: values.torch, beside: values.beside });
    console.log(table(row));
    // After each case, so that a run that is cut short has kept what it measured.
    if (values.save) await saveResult(row);
  }
}

/** A number of the command line. */
function count(name: string, text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) {
    throw new Error(`--${name} must be a whole number from 1 to 9999. Received: ${text}`);
  }
  return Number(text);
}

async function measure(
  name: string,
  use: { repeats: number; scale: number; torch: boolean; beside: string | undefined },
): Promise<Row> {
  const { repeats, scale, torch, beside } = use;
  const { workload, prepare } = cases[name]!;
  const { sides, ...head } = beside === undefined ? usual(name, torch) : compared(name, beside);
  await prepare?.();
  const started = await Promise.allSettled(
    sides.map((side) => Side.start(side, { workload, scale })),
  );
  const running = started.flatMap((side) => (side.status === "fulfilled" ? [side.value] : []));
  try {
    for (const side of started) if (side.status === "rejected") throw side.reason;
    for (let round = 0; round <= repeats; round++) {
      for (const side of running) await side.run({ counted: round > 0 });
    }
  } finally {
    for (const side of running) side.stop();
  }
  const results = running.map(({ name: { label }, msPerUnit, peakMiB }) => ({
    label,
    values: msPerUnit,
    peakMiB,
  }));
  return { ...head, results };
}

/** A row before its results, and the sides that give them. */
type Plan = Omit<Row, "results"> & { sides: SideName[] };

function usual(name: string, torch: boolean): Plan {
  const { title, unit, pairs, sides } = cases[name]!;
  const others = torch && torchCases.includes(name) ? torchSides : [];
  return { name, title, unit, pairs, sides: [...sides, ...others] };
}

/** The library as another checkout has compiled it, then this one; ratios are to the former. */
function compared(name: string, checkout: string): Plan {
  const library = path.resolve(checkout, ".build/lib");
  const git = ["-C", checkout, "rev-parse", "--short", "HEAD"];
  const commit = execFileSync("git", git, { encoding: "utf8" }).trim();
  const { title, unit, sides } = cases[name]!;
  const now = sides.filter(({ mode }) => besides.includes(mode));
  const labelThen = (label: string) => label.replace("convnets", commit);
  const then = now.map(({ label, mode }) => ({ label: labelThen(label), mode, library }));
  return {
    name: `${name} beside ${commit}`,
    title: `${title}; beside ${commit}`,
    unit,
    pairs: now.slice(1).map(({ label }) => [label, labelThen(label)]),
    sides: [...then, ...now, ...sides.filter(({ mode }) => mode === "keras")],
  };
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
