import fs from "node:fs";
import path from "node:path";
import { fileFault } from "./fault";

/**
 * Makes a folder, and those around it, where they are missing.
 *
 * @throws ConvnetsError naming the folder when the disk is full, read-only or gone.
 */
export function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw fileFault(folder, { cause: faultOf(path.resolve(folder), error), doing: "written" });
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
