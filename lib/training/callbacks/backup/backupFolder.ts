/** The folder of a backup: weights, arrays and the state that names them. */
import fs from "node:fs/promises";
import path from "node:path";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import type { KeySource } from "../../../engine";
import { ConvnetsError } from "../../../errors";
import {
  checksumOf,
  fileFault,
  hashOf,
  isGone,
  makeFolder,
  markOf,
  newMark,
  writeFileAtomically,
} from "../../../files";
import { saveWeights } from "../../../saving";
import type { RunIdentity } from "../../identity";
import type { KeptRun } from "../session";

/** What is kept of a run beside the model's weights and the optimizer's state. */
export interface BackupState extends KeptRun {
  learningRate: number;
  /** Random state of the model's layers, in their order. */
  layerKeys: ReturnType<KeySource["getState"]>[];
  /** Which run it is; only where the backup is kept after it. */
  identity?: RunIdentity;
}

/** A state as it is written. */
interface StoredState extends BackupState {
  /** Name of the weights file, which also holds the optimizer's state. */
  weights: string;
  /** Name of the file with the float32 arrays of the state. */
  arrays: string | undefined;
  /** SHA-256 of these files, by name. */
  sums: Record<string, string>;
  /** Hash of all the rest. */
  check: string;
}

/** Names the one valid state; everything else in the folder is left over. */
const stateFile = "state.json";
const endings = [".weights.h5", ".float32"];

/** How often a backup is looked for that another process replaces meanwhile. */
const MOST_TRIES = 100;

/**
 * Reads and writes backups; a kill at any moment leaves a valid one.
 *
 * Each file has a mark of its process in its name, used once: a process removes its own files and those of processes
 * that are gone, so that two trainings on one folder never take each other's.
 */
export class BackupFolder {
  /** Names of the files that are this object's to remove. */
  private readonly own = new Set<string>();
  /** Second names of weights, made to read them. */
  private readonly held = new Set<string>();

  constructor(private readonly folder: string) {}

  /**
   * The backup there is.
   *
   * @returns The state and the path of the weights, which may have the optimizer's state with them; `"old"` for a backup
   *   of before there were checksums.
   * @throws ConvnetsError when there is one that can't be read, or isn't what was written.
   */
  async read(): Promise<{ state: BackupState; weights: string } | "old" | undefined> {
    const file = path.join(this.folder, stateFile);
    for (let tries = 1; ; tries++) {
      const text = await readIfThere(file);
      if (text === undefined) return undefined;
      try {
        const { check, ...stored } = JSON.parse(text) as StoredState;
        if (check === undefined) return "old";
        if (check !== hashOf(stored)) throw new ConvnetsError(`${stateFile} is damaged.`);
        const { arrays: name, sums } = stored;
        const weights = await this.hold(stored.weights);
        await assertSum(weights, sums[stored.weights]);
        const kept = name === undefined ? undefined : path.join(this.folder, name);
        if (kept !== undefined) await assertSum(kept, sums[name!]);
        const arrays = kept === undefined ? undefined : await fs.readFile(kept);
        const state = JSON.parse(text, (_, value) => revived(value, arrays)) as StoredState;
        if (name !== undefined) this.own.add(name);
        this.own.add(state.weights);
        return { state, weights };
      } catch (cause) {
        const isReplaced = tries < MOST_TRIES && (await readIfThere(file)) !== text;
        if (isReplaced) continue;
        throw new ConvnetsError(`The backup ${file} can't be read.`, {
          hint: "Remove the folder to start from the beginning.",
          cause,
        });
      }
    }
  }

  /** A second name of a weights file: under the first one, another process may remove it. */
  private async hold(weights: string): Promise<string> {
    const name = `${newMark()}.weights.h5`;
    try {
      await fs.link(path.join(this.folder, weights), path.join(this.folder, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") throw error;
      return path.join(this.folder, weights); // a disk without links, or one that can only be read
    }
    this.own.add(name);
    this.held.add(name);
    return path.join(this.folder, name);
  }

  /** Says that what `read` gave has been loaded. */
  async letGo(): Promise<void> {
    for (const name of this.held) {
      await fs.rm(path.join(this.folder, name), { force: true });
      this.own.delete(name);
    }
    this.held.clear();
  }

  /** Weights and arrays first, under new names; then the state that names them. */
  async write(model: LayersModel, state: BackupState): Promise<void> {
    makeFolder(this.folder);
    const name = newMark();
    const floats: Float32Array[] = [];
    const weights = `${name}.weights.h5`;
    this.own.add(weights);
    await saveWeights(model, path.join(this.folder, weights));
    const arrays = holdsArrays(state) ? `${name}.float32` : undefined;
    const plainState = JSON.parse(JSON.stringify(state, (_, value) => plain(value, floats)));
    if (arrays !== undefined) {
      this.own.add(arrays);
      await writeFileAtomically(path.join(this.folder, arrays), (temporary) =>
        fs.writeFile(temporary, floats),
      );
    }
    const sums: Record<string, string> = {};
    for (const file of [weights, arrays]) {
      if (file !== undefined) sums[file] = await checksumOf(path.join(this.folder, file), "sha256");
    }
    const stored: Omit<StoredState, "check"> = { ...plainState, weights, arrays, sums };
    const text = JSON.stringify({ ...stored, check: hashOf(stored) });
    await writeFileAtomically(path.join(this.folder, stateFile), (temporary) =>
      fs.writeFile(temporary, text),
    );
    await this.removeAllBut([weights, arrays]);
  }

  /** Somebody else's files in the folder stay, also the backup of another training that is under way. */
  async remove(): Promise<void> {
    const file = path.join(this.folder, stateFile);
    const named = weightsNamedIn(await readIfThere(file));
    if (named === undefined || this.isToRemove(named)) await fs.rm(file, { force: true });
    await this.removeAllBut([]);
    await fs.rmdir(this.folder).catch(() => undefined);
  }

  private async removeAllBut(kept: (string | undefined)[]): Promise<void> {
    for (const name of await fs.readdir(this.folder).catch(() => [])) {
      if (this.isToRemove(name) && !kept.includes(name)) {
        await fs.rm(path.join(this.folder, name), { force: true });
        this.own.delete(name);
      }
    }
  }

  private isToRemove(name: string): boolean {
    if (this.own.has(name)) return true;
    const mark = markIn(name);
    return mark !== undefined && isGone(mark, path.join(this.folder, name));
  }
}

/** The mark in the name of a backup's file, or of one that hasn't been finished: `.<mark>.weights.h5.<mark>.part`. */
function markIn(name: string): string | undefined {
  for (const suffix of endings) {
    const mark = markOf(name, { prefix: "", suffix });
    if (mark !== undefined) return mark;
    const end = name.indexOf(`${suffix}.`) + suffix.length;
    const whole = name.slice(1, end);
    if (name.startsWith(".") && markOf(whole, { prefix: "", suffix }) !== undefined)
      return markOf(name, { prefix: `.${whole}.`, suffix: ".part" });
  }
  return undefined;
}

async function assertSum(file: string, sum: string | undefined): Promise<void> {
  if ((await checksumOf(file, "sha256")) === sum) return;
  throw new ConvnetsError(`${path.basename(file)} is damaged.`);
}

function holdsArrays(value: unknown): boolean {
  if (value instanceof Float32Array) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsArrays);
}

/** What JSON can't hold: numbers that are none, and arrays, which go into a file of their own. */
function plain(value: unknown, arrays: Float32Array[]): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) return { $number: String(value) };
  if (!(value instanceof Float32Array)) return value;
  const start = arrays.reduce((sum, { length }) => sum + length, 0);
  arrays.push(value);
  return { $float32: [start, value.length] };
}

function revived(value: unknown, arrays: Buffer | undefined): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("$number" in value) return Number(value.$number);
  if (!("$float32" in value) || arrays === undefined) return value;
  const [start, length] = value.$float32 as [number, number];
  const bytes = arrays.subarray(start * 4, (start + length) * 4);
  if (bytes.length !== length * 4) throw new ConvnetsError("An array is missing.");
  return new Float32Array(new Uint8Array(bytes).buffer);
}

/** The weights that a state names; undefined where there is none, or one that can't be read. */
function weightsNamedIn(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as StoredState).weights;
  } catch {
    return undefined;
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  return await fs.readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw fileFault(file, { cause: error, doing: "read" });
  });
}
