/** Writes `model.json` and the files of weights beside it. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import fs from "node:fs/promises";
import path from "node:path";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { invalidArgument } from "../errors";
import { realPlace, writeFileAtomically } from "../files";
import { isObject, type Json } from "../json";
import { bringUpToDate } from "../tfjs";
import { describeForBrowser } from "./tfjsModel";

/** As large as tfjs' own: browsers keep files of this size, and fetch several at once. */
const SHARD_BYTES = 4 * 2 ** 20;

/** Files of weights that no model.json names and nobody has touched for so long are those of a killed process. */
const STALE_MS = 120_000;

/**
 * Writes a model for `tf.loadLayersModel` in a browser.
 *
 * The files of weights have new names each time, and `model.json`, which names them, comes last: at any moment it
 * is the old model or the new one. Then the old one's files go.
 */
export async function saveForBrowser(model: LayersModel, file: string): Promise<void> {
  await bringUpToDate(model);
  const { topology, specs, values } = describeForBrowser(model);
  const target = realPlace(file);
  const [folder, stem] = [path.dirname(target), path.basename(target, ".json")];
  const bytes = new Uint8Array(values.buffer);
  const count = Math.ceil(bytes.length / SHARD_BYTES);
  const mark = randomBytes(4).toString("hex");
  const names = Array.from(
    { length: count },
    (_, i) => `${stem}-${mark}-shard${i + 1}of${count}.bin`,
  );
  const old = await shardsOf(target);
  try {
    for (const [i, name] of names.entries()) {
      const shard = bytes.subarray(i * SHARD_BYTES, (i + 1) * SHARD_BYTES);
      await writeFileAtomically(path.join(folder, name), (temporary) =>
        fs.writeFile(temporary, shard),
      );
    }
    const description = JSON.stringify({
      format: "layers-model",
      generatedBy: "convnets",
      convertedBy: null,
      modelTopology: topology,
      weightsManifest: [{ paths: names, weights: specs }],
    });
    await writeFileAtomically(target, (temporary) => fs.writeFile(temporary, description));
  } catch (error) {
    await remove(folder, names);
    throw error;
  }
  await remove(folder, [...old, ...(await abandoned(folder, { stem, names }))]);
}

/**
 * Refuses a place at which a file is that is no model of tfjs': `package.json` is easily named by mistake.
 *
 * @throws InvalidArgumentError for such a file, and where there is no name before the `.json`.
 */
export async function checkModelPlace(file: string): Promise<void> {
  const expected = path.basename(file) === ".json" ? "a name before .json" : await foreign(file);
  if (expected === undefined) return;
  throw invalidArgument("path", {
    expected,
    received: file,
    hint: "Choose another name.",
  });
}

async function foreign(file: string): Promise<string | undefined> {
  const isForeign = existsSync(file) && (await manifestAt(file)) === undefined;
  return isForeign ? "a new file or a tfjs model to replace, and another file is there" : undefined;
}

/** Files of weights that the `model.json` at a place names, of those that this module has written. */
async function shardsOf(file: string): Promise<string[]> {
  const stem = path.basename(file, ".json");
  const groups = ((await manifestAt(file)) ?? []) as ({ paths?: unknown } | null)[];
  return groups.flatMap((group) => group?.paths).filter((name) => isShard(name, stem));
}

/** What the model of tfjs' at a place says of its weights; undefined where there is no such model. */
async function manifestAt(file: string): Promise<Json[] | undefined> {
  try {
    const model: unknown = JSON.parse(await fs.readFile(file, "utf8"));
    if (!isObject(model) || !isObject(model.modelTopology)) return undefined;
    return Array.isArray(model.weightsManifest) ? model.weightsManifest : undefined;
  } catch {
    return undefined;
  }
}

function isShard(name: unknown, stem: string): name is string {
  if (typeof name !== "string" || !name.startsWith(`${stem}-`)) return false;
  return /^[0-9a-f]{8}-shard\d+of\d+\.bin$/.test(name.slice(stem.length + 1));
}

async function abandoned(
  folder: string,
  { stem, names }: { stem: string; names: string[] },
): Promise<string[]> {
  const found: string[] = [];
  for (const name of await fs.readdir(folder)) {
    if (!isShard(name, stem) || names.includes(name)) continue;
    const { mtimeMs } = await fs
      .stat(path.join(folder, name))
      .catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > STALE_MS) found.push(name);
  }
  return found;
}

async function remove(folder: string, names: string[]): Promise<void> {
  for (const name of names) {
    await fs.rm(path.join(folder, name), { force: true }).catch(() => undefined);
  }
}
