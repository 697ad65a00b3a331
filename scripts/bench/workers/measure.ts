/** Several workers beside one process: what they take, what they send, and how a step grows with them. */
import { execFile, spawnSync } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import type { Row } from "../report";
import type { Measured, Plan, Seen } from "./plan";

const models = {
  pictures: { title: "180×180 convnet, batch 32", batchSize: 32, steps: 6 },
  wide: { title: "2.8 M weights in two layers, batch 64", batchSize: 64, steps: 100 },
} as const;

/** How many workers a step is measured with at a fixed share. */
const CREWS = [1, 2, 3, 4];
const SHARE = 16;

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

/** One process with whole batches beside two with halves, Keras' and ours, and what the two send. */
async function halves(
  model: Plan["model"],
  { repeats, scale }: { repeats: number; scale: number },
): Promise<Row[]> {
  const { title, batchSize, steps } = models[model];
  const results: Row["results"] = [];
  const wire: Row["results"] = [];
  const losses: number[][] = [];
  for (const side of ["Keras", "convnets"] as const) {
    for (const workers of [1, 2]) {
      const plan = { side, model, workers, batchSize, steps: steps * scale, epochs: 1 + repeats };
      const { seen, isOwnNetwork } = await run(plan);
      losses.push(seen[0]!.losses);
      results.push({
        label: `${side}, ${workers} × ${batchSize / workers}`,
        values: sums(seen, "cpuMs"),
      });
      if (workers === 1) continue;
      const least = (2 * (workers - 1) * 4 * seen[0]!.parameters) / 1e6;
      if (wire.length === 0) wire.push({ label: "a ring's minimum", values: [least] });
      if (isOwnNetwork) {
        wire.push({ label: side, values: seen[0]!.bytes.map((bytes) => bytes / 1e6) });
      }
    }
  }
  const apart = losses.map((each) =>
    Math.max(...each.map((loss, i) => Math.abs(loss - losses[0]![i]!))),
  );
  console.log(`${title}: losses differ from one process of Keras' by ${apart.slice(1).join(", ")}`);
  const pairs: Row["pairs"] = [
    [results[1]!.label, results[0]!.label],
    [results[3]!.label, results[2]!.label],
  ];
  return [
    {
      name: `workers-${model}`,
      title: `two workers: ${title}`,
      unit: "ms of CPU/step",
      results,
      pairs,
    },
    { name: `wire-${model}`, title: `bytes on the wire: ${title}`, unit: "MB/step", results: wire },
  ];
}

/** How long a step takes where each worker has as much to do as one alone. */
async function growth({ repeats, scale }: { repeats: number; scale: number }): Promise<Row> {
  const results: Row["results"] = [];
  const { steps } = models.wide;
  for (const workers of CREWS) {
    const batchSize = SHARE * workers;
    const plan = {
      model: "wide",
      workers,
      batchSize,
      steps: steps * scale,
      epochs: 1 + repeats,
    } as const;
    const { seen } = await run({ side: "convnets", ...plan });
    results.push({ label: `${workers} × ${SHARE}`, values: seen[0]!.ms });
  }
  const title = `a step of more and more workers: 2.8 M weights, ${SHARE} examples each`;
  return { name: "workers-growth", title, unit: "ms/step", results };
}

/** All of it, a row each. */
export async function workerRows(options: { repeats: number; scale: number }): Promise<Row[]> {
  if (!hasOwnNetwork) console.log("No network of their own here: bytes aren't counted.");
  const rows = [await halves("pictures", options), await halves("wide", options)].flat();
  return [...rows, await growth(options)];
}
