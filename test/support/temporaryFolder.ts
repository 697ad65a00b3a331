import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** Makes an empty folder that goes when the object does: `using folder = temporaryFolder()`. */
export function temporaryFolder(): { path: string; join(...names: string[]): string } & Disposable {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "convnets-test-"));
  return {
    path: folder,
    join: (...names) => path.join(folder, ...names),
    [Symbol.dispose]: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}
