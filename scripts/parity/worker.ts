/**
 * This library's side of the matrix: reads a model of Keras', predicts, trains on both engines, and saves it.
 *
 * Requests are lines of JSON on standard input, answers lines of JSON on descriptor 3.
 */
import fs from "node:fs";
import readline from "node:readline";
import { evaluate, fit, loadModel, predict, saveModel, setSeed, tf } from "../../lib/index";
import { difference, differences } from "./differences";
import type { Made, Numbers, Outcome, Tried } from "./messages";

type Engine = "graph" | "eager";

/** Steps of training, as Keras' side takes. */
const STEPS = 3;

let warnings: string[] = [];
console.warn = (...words: unknown[]) => warnings.push(words.join(" "));

async function attempt(made: Made): Promise<Tried> {
  warnings = [];
  const tried: Tried = {
    warnings,
    predicts: undefined,
    measures: undefined,
    graph: undefined,
    eager: undefined,
  };
  let model: tf.LayersModel;
  try {
    model = await loadModel(made.file);
  } catch (error) {
    return { ...tried, loads: messageOf(error) };
  }
  tried.predicts = await outcome(() => predicted(model, made));
  if (made.measured !== undefined) tried.measures = await outcome(() => measured(model, made));
  try {
    await saveModel(model, made.back);
  } catch (error) {
    tried.saves = messageOf(error);
  }
  model.dispose();
  if (made.losses !== undefined) {
    tried.graph = await outcome(() => trained(made, "graph"));
    tried.eager = await outcome(() => trained(made, "eager"));
  }
  return { ...tried, warnings: [...new Set(warnings)] };
}

async function outcome(run: () => Promise<number>): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    return messageOf(error);
  }
}

/** Predictions of both engines. */
async function predicted(model: tf.LayersModel, made: Made): Promise<number> {
  const inputs = made.inputs.map(tensorOf);
  const apart: number[] = [];
  for (const engine of ["graph", "eager"] as const) {
    model.resetStates();
    apart.push(await outputsApart(model, { inputs, expected: made.outputs, engine }));
  }
  tf.dispose(inputs);
  return Math.max(...apart);
}

async function outputsApart(
  model: tf.LayersModel,
  options: { inputs: tf.Tensor[]; expected: Numbers[]; engine: Engine },
): Promise<number> {
  const { inputs, expected, engine } = options;
  const outputs = [await predict(model, oneOrAll(inputs), { engine, verbose: 0 })].flat();
  const apart = differences(
    outputs.map((output) => ({ shape: output.shape, values: output.dataSync() })),
    expected,
  );
  tf.dispose(outputs);
  return apart;
}

/** What `evaluate` measures. */
async function measured(model: tf.LayersModel, made: Made): Promise<number> {
  const [inputs, targets] = [made.inputs.map(tensorOf), made.targets.map(tensorOf)];
  const batchSize = made.inputs[0]!.shape[0]!;
  const logs = await evaluate(model, [oneOrAll(inputs), oneOrAll(targets)], {
    batchSize,
    returnDict: true,
    verbose: 0,
  });
  tf.dispose([inputs, targets]);
  const apart = Object.entries(made.measured!).map(([name, values]) => {
    const ours = name in logs ? [logs[name]!] : values.map((_, part) => logs[`${name}[${part}]`]!);
    if (ours.includes(undefined!)) {
      throw new Error(`there is no \`${name}\` in what \`evaluate\` gives`);
    }
    return difference(ours, values);
  });
  return Math.max(...apart);
}

/** Losses of three steps, and predictions after them. */
async function trained(made: Made, engine: Engine): Promise<number> {
  const model = await loadModel(made.file);
  const [inputs, targets] = [made.inputs.map(tensorOf), made.targets.map(tensorOf)];
  try {
    setSeed(1);
    model.resetStates();
    const { history } = await fit(model, [oneOrAll(inputs), oneOrAll(targets)], {
      epochs: STEPS,
      batchSize: made.inputs[0]!.shape[0]!,
      shuffle: false,
      verbose: 0,
      engine,
    });
    if (made.random) {
      if (!history.loss!.every(Number.isFinite)) throw new Error("a loss is no number");
      return 0;
    }
    const losses = Math.max(
      ...history.loss!.map((loss, i) => difference([loss], [made.losses![i]!])),
    );
    model.resetStates();
    const after = await outputsApart(model, { inputs, expected: made.after!, engine });
    if (engine === "graph") await saveModel(model, made.trained);
    return Math.max(losses, after);
  } finally {
    tf.dispose([inputs, targets]);
    model.dispose();
  }
}

function oneOrAll(tensors: tf.Tensor[]): tf.Tensor | tf.Tensor[] {
  return tensors.length === 1 ? tensors[0]! : tensors;
}

function tensorOf({ shape, dtype, values }: Numbers): tf.Tensor {
  return tf.tensor(
    values.map((value) => value ?? Number.NaN),
    shape,
    dtype,
  );
}

function messageOf(error: unknown): string {
  const { name, message } = error as Error;
  return name === "Error" ? message : `${name}: ${message}`;
}

async function main(): Promise<void> {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const answer = await attempt(JSON.parse(line) as Made);
    fs.writeSync(3, `${JSON.stringify(answer, (_, each) => (each === Infinity ? 1e9 : each))}\n`);
  }
}

main().catch((error: Error) => {
  console.error(error);
  process.exitCode = 1;
});
