/** A function that writes files, as the sections use it: written to in other processes, checked in this one. */
import fs from "node:fs";
import path from "node:path";

/** One writer. Its folder has `in/`, what it reads, and `out/`, what it writes. */
export interface Writer {
  name: string;
  /** Makes what is read, and returns what ends that, if it has to end. */
  prepare?(folder: string): Promise<(() => void) | undefined>;
  /**
   * Writes once, and throws when what it has made isn't right.
   *
   * @param n A number for each write; two processes that write at the same time have the same ones.
   */
  write(folder: string, n: number): Promise<void>;
  /** What is wrong with what is in `out/`, in sentences, at any moment: also after a kill. */
  check(folder: string): Promise<string[]>;
}

export const inputOf = (folder: string, ...names: string[]) => path.join(folder, "in", ...names);
export const outputOf = (folder: string, ...names: string[]) => path.join(folder, "out", ...names);

/** Runs a check of one file that may not be there; an error becomes a sentence. */
export async function faultsOf(file: string, check: () => unknown): Promise<string[]> {
  if (!fs.existsSync(file)) return [];
  try {
    await check();
    return [];
  } catch (error) {
    return [`${path.basename(file)}: ${(error as Error).message}`];
  }
}
