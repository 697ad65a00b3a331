/** Trains a case on an engine or in Keras, and says how far two runs are from each other. */
import fs from "node:fs";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { fit, type Logs, loadWeights, predict, setSeed, tf } from "../../lib/index";
import { runPythonFile } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";
import { type Built, compile, numbersOf, setWeights, type WeightsOf, weightsOf } from "./build";
import { callbacksOf } from "./callbacks";
import type { Case } from "./description";

/** What a run gave. */
export interface Outcome {
  /** The logs after each step. */
  steps: Logs[];
  /** The weights after each step, or after each epoch. */
  weights: WeightsOf<number[]>[];
  history: Record<string, number[]>;
  outputs: number[][];
  /** What the callbacks wrote. */
  csv?: string;
}

const one = <T>(items: T[]) => (items.length === 1 ? items[0]! : items);

/** What `auto` said while it ran. */
interface Watched<T> {
  result: T;
  warnings: string[];
}

/** Runs something and keeps what it warns of. */
export async function watchingWarnings<T>(run: () => Promise<T>): Promise<Watched<T>> {
  const { warn } = console;
  const warnings: string[] = [];
  console.warn = (...args: unknown[]) => void warnings.push(args.join(" "));
  try {
    return { result: await run(), warnings };
  } finally {
    console.warn = warn;
  }
}

/** Trains a case here, from its first weights. */
export async function train(given: Case, built: Built, engine: "eager" | "auto"): Promise<Outcome> {
  using folder = temporaryFolder();
  const { model, xs, ys } = built;
  const callbacks = callbacksOf(given, folder);
  setSeed(1);
  setWeights(model, built.weights);
  compile(given, model);
  const steps: Logs[] = [];
  const weights: WeightsOf<number[]>[] = [];
  const { samples: _, epochs, batchSize, validationSplit, classWeight, looksAtSteps } = given;
  const { history } = await fit(model, [one(xs), one(ys)], {
    engine,
    epochs,
    batchSize,
    validationSplit,
    classWeight,
    sampleWeight: built.sampleWeight,
    shuffle: false,
    verbose: 0,
    callbacks: [
      ...callbacks.list,
      {
        onlyReadsLogs: !looksAtSteps,
        onTrainBatchEnd: (_batch, logs) => {
          steps.push({ ...logs });
          if (looksAtSteps) weights.push(weightsOf(model));
        },
        onEpochEnd: () => {
          if (!looksAtSteps) weights.push(weightsOf(model));
        },
      },
    ],
  });
  const predicted = await predict(model, one(xs), { engine, verbose: 0 });
  const outputs = [predicted].flat() as Tensor[];
  if (callbacks.best !== undefined) {
    await loadWeights(model, callbacks.best);
    weights.push(weightsOf(model));
  }
  const outcome = {
    steps,
    weights,
    history,
    outputs: outputs.map((output) => Array.from(output.dataSync())),
    ...(callbacks.csv !== undefined && { csv: fs.readFileSync(callbacks.csv, "utf8") }),
  };
  tf.dispose(outputs);
  model.optimizer.dispose();
  return outcome;
}

/** Trains all cases that Keras has, in one Python process. */
export async function trainInKeras(
  cases: readonly { given: Case; built: Built }[],
): Promise<Record<string, Outcome | { error: string }>> {
  using folder = temporaryFolder();
  const described = cases.map(({ given, built }) => {
    const { optimizer, kerasGraph = false, ...rest } = given;
    return [
      given.name,
      {
        ...rest,
        kerasGraph,
        optimizer: "tfjs" in optimizer ? optimizer.keras : optimizer,
        weights: built.weights,
        x: built.xs.map(numbersOf),
        y: built.ys.map(numbersOf),
        sampleWeights: built.sampleWeight && numbersOf(built.sampleWeight),
      },
    ] as const;
  });
  fs.writeFileSync(folder.join("cases.json"), JSON.stringify(Object.fromEntries(described)));
  return JSON.parse(await runPythonFile("test/parity/train.py", [folder.join("cases.json")]));
}

/** A difference, and where it is. */
interface Difference {
  /** In shares of what is compared where that is above 1. */
  size: number;
  where: string;
}

/** The largest difference of two runs; losses first, step by step. */
export function difference(actual: Outcome, expected: Outcome): Difference {
  let worst: Difference = { size: 0, where: "nothing" };
  const compare = (where: string, a: ArrayLike<number> = [], b: ArrayLike<number> = []) => {
    if (a.length !== b.length) {
      worst = { size: Infinity, where: `${where}: ${a.length} numbers and ${b.length}` };
      return;
    }
    for (let i = 0; i < a.length; i++) {
      const size = apart(a[i]!, b[i]!);
      if (size > worst.size) worst = { size, where: `${where}: ${a[i]} and ${b[i]}` };
    }
  };
  for (let i = 0; i < Math.max(actual.steps.length, expected.steps.length); i++) {
    const [mine, its] = [actual.steps[i] ?? {}, expected.steps[i] ?? {}];
    for (const key of keysOf(mine, its)) {
      compare(`${key} of step ${i + 1}`, listed(mine[key]), listed(its[key]));
    }
  }
  for (let i = 0; i < Math.max(actual.weights.length, expected.weights.length); i++) {
    const [mine, its] = [actual.weights[i] ?? {}, expected.weights[i] ?? {}];
    for (const name of keysOf(mine, its)) {
      for (let k = 0; k < Math.max(mine[name]?.length ?? 0, its[name]?.length ?? 0); k++) {
        compare(`weight ${k + 1} of ${name} at look ${i + 1}`, mine[name]?.[k], its[name]?.[k]);
      }
    }
  }
  for (const key of keysOf(actual.history, expected.history)) {
    compare(`history of ${key}`, actual.history[key], expected.history[key]);
  }
  for (let i = 0; i < Math.max(actual.outputs.length, expected.outputs.length); i++) {
    compare(`output ${i + 1} of predict`, actual.outputs[i], expected.outputs[i]);
  }
  const rows = [actual.csv, expected.csv].map((text = "") => text.trim().split("\r\n"));
  if (rows[0]![0] !== rows[1]![0]) worst = { size: Infinity, where: `columns: ${rows[0]![0]}` };
  const numbersIn = (list: string[]) => list.slice(1).join(",").split(",").map(Number);
  compare("numbers of the csv file", numbersIn(rows[0]!), numbersIn(rows[1]!));
  return worst;
}

function keysOf(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}

const listed = (value: number | undefined) => (value === undefined ? [] : [value]);

/** Python's NaN and infinities come as null. */
function apart(a: number, b: number | null): number {
  if (b === null || !Number.isFinite(b)) return Number.isFinite(a) ? Infinity : 0;
  const size = Math.abs(a - b) / Math.max(1, Math.abs(b));
  return Number.isNaN(size) ? Infinity : size;
}

/** A run here with the names that Keras' logs have. */
export function inKerasNames(outcome: Outcome): Outcome {
  const renamed = <T>(logs: Record<string, T>) =>
    Object.fromEntries(
      Object.entries(logs).map(([name, value]) => [
        name.replace(/(?<=[a-z\d])(?=[A-Z])/g, "_").toLowerCase(),
        value,
      ]),
    );
  return { ...outcome, steps: outcome.steps.map(renamed), history: renamed(outcome.history) };
}
