/** Python with Keras as the oracle. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

/** The repository's root folder, seen from the compiled tests. */
export const repositoryRoot = path.resolve(__dirname, "../../..");

/**
 * Runs a Python program in the project's environment and returns what it prints.
 *
 * Importing Keras takes 3 s: ask for everything that a test file needs in one run.
 *
 * @param program The program's text.
 * @param args Its arguments (`sys.argv[1:]`).
 */
export function runPython(program: string, args: string[] = []): Promise<string> {
  return python(["-c", program, ...args]);
}

/** The same for a program in a file, named from the repository's root. */
export function runPythonFile(file: string, args: string[] = []): Promise<string> {
  return python([path.join(repositoryRoot, file), ...args]);
}

async function python(args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    path.join(repositoryRoot, ".venv/bin/python"),
    args,
    {
      maxBuffer: 1 << 28,
      env: {
        ...process.env,
        CUDA_VISIBLE_DEVICES: "",
        TF_CPP_MIN_LOG_LEVEL: "3",
        KERAS_BACKEND: "tensorflow",
      },
    },
  );
  return stdout;
}
