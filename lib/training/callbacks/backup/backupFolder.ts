/** The folder of a backup: weights, arrays and the state that names them. */
import fs from "node:fs/promises";
import path from "node:path";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import type { KeySource } from "../../../engine";
import { ConvnetsError } from "../../../errors";
import { checksumOf, hashOf, makeFolder, writeFileAtomically } from "../../../files";
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
const ours = /^\d+-\d+\.(weights\.h5|float32)$/;

/** Reads and writes backups; a kill at any moment leaves a valid one. */
export class BackupFolder {
  private saves = 0;

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
    try {
      const text = await fs.readFile(file, "utf8");
      const { check, ...stored } = JSON.parse(text) as StoredState;
      if (check === undefined) return "old";
      if (check !== hashOf(stored)) throw new ConvnetsError(`${stateFile} is damaged.`);
      for (const [name, sum] of Object.entries(stored.sums)) {
        if ((await checksumOf(path.join(this.folder, name), "sha256")) === sum) continue;
        throw new ConvnetsError(`${name} is damaged.`);
      }
      const { arrays: name } = stored;
      const arrays =
        name === undefined ? undefined : await fs.readFile(path.join(this.folder, name));
      const state = JSON.parse(text, (_, value) => revived(value, arrays)) as StoredState;
      return { state, weights: path.join(this.folder, state.weights) };
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT" && !(await exists(file))) {
        return undefined;
      }
      throw new ConvnetsError(`The backup ${file} can't be read.`, {
        hint: "Remove the folder to start from the beginning.",
        cause,
      });
    }
  }

  /** Weights and arrays first, under new names; then the state that names them. */
  async write(model: LayersModel, state: BackupState): Promise<void> {
    makeFolder(this.folder);
    const name = `${process.pid}-${++this.saves}`;
    const floats: Float32Array[] = [];
    const weights = `${name}.weights.h5`;
    await saveWeights(model, path.join(this.folder, weights));
    const arrays = holdsArrays(state) ? `${name}.float32` : undefined;
    const plainState = JSON.parse(JSON.stringify(state, (_, value) => plain(value, floats)));
    if (arrays !== undefined) {
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

  /** Somebody else's files in the folder stay. */
  async remove(): Promise<void> {
    await fs.rm(path.join(this.folder, stateFile), { force: true });
    await this.removeAllBut([]);
    await fs.rmdir(this.folder).catch(() => undefined);
  }

  private async removeAllBut(kept: (string | undefined)[]): Promise<void> {
    for (const name of await fs.readdir(this.folder).catch(() => [])) {
      if (ours.test(name) && !kept.includes(name)) {
        await fs.rm(path.join(this.folder, name), { force: true });
      }
    }
  }
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

function exists(file: string): Promise<boolean> {
  return fs.access(file).then(
    () => true,
    () => false,
  );
}
