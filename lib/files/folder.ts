import fs from "node:fs";
import path from "node:path";
import { diskFault } from "./diskFault";

/**
 * Makes a folder, and those around it, where they are missing.
 *
 * @throws EnvironmentError naming the folder when the disk is full, read-only or gone.
 */
export function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw diskFault(faultOf(path.resolve(folder), error), folder);
  }
}

/** What the system says: Node's recursive mkdir calls a folder missing that it may not make, as on a read-only disk. */
function faultOf(folder: string, error: unknown): unknown {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") return error;
  let first = folder;
  while (!fs.existsSync(path.dirname(first)) && first !== path.dirname(first)) {
    first = path.dirname(first);
  }
  try {
    fs.mkdirSync(first);
    fs.rmdirSync(first);
    return error;
  } catch (fault) {
    return fault;
  }
}
