/** Where TensorFlow's two libraries are. Needs nothing of TensorFlow; the package's set-up asks it, too. */
import fs from "node:fs";
import path from "node:path";
import { EnvironmentError } from "../errors";
import { repository, setUpHint, sharedFolder } from "../installation";

/** The version that the native files are made for: they call some functions that another one may not have. */
export const tensorflowVersion = "2.21.0";

/** The library that everything is in; it finds the other one beside itself. */
const LIBRARY = "libtensorflow_cc.so.2";

/** A folder that TensorFlow's two libraries may be in. */
export interface LibrariesPlace {
  folder: string;
  /** Whose it is: the repository's `.venv`, the active Python environment, or what set-up has put where all projects look. */
  owner: "repository" | "environment" | "shared";
}

/**
 * Where the package's set-up puts TensorFlow's libraries.
 *
 * @param environment This process' by default.
 */
export function sharedLibraries(environment: NodeJS.ProcessEnv = process.env): string {
  return path.join(sharedFolder(environment), `tensorflow-${tensorflowVersion}-cpu`);
}

/**
 * The first place that has TensorFlow. What the user has chosen by activating it goes before what is shared: it may be
 * the package for GPUs.
 *
 * @param environment This process' by default.
 */
export function findLibraries(
  environment: NodeJS.ProcessEnv = process.env,
): LibrariesPlace | undefined {
  return places(environment).find(({ folder }) => fs.existsSync(path.join(folder, LIBRARY)));
}

/**
 * The path of TensorFlow's library.
 *
 * @throws EnvironmentError when it is nowhere.
 */
export function libraryFile(): string {
  const found = findLibraries();
  if (found !== undefined) return path.join(found.folder, LIBRARY);
  throw new EnvironmentError(`TensorFlow ${tensorflowVersion} is not set up here. ${setUpHint}`);
}

function places(environment: NodeJS.ProcessEnv): LibrariesPlace[] {
  const within = (folder: string) => path.join(folder, "tensorflow");
  if (repository !== undefined) {
    const folders = sitePackages(path.join(repository, ".venv"));
    return folders.map((folder) => ({ folder: within(folder), owner: "repository" }));
  }
  const active = sitePackages(environment.VIRTUAL_ENV).filter(hasVersion);
  return [
    ...active.map((folder) => ({ folder: within(folder), owner: "environment" as const })),
    { folder: sharedLibraries(environment), owner: "shared" },
  ];
}

/** Where a Python environment's packages are. */
function sitePackages(environment: string | undefined): string[] {
  const lib = path.join(environment ?? "", "lib");
  if (!environment || !fs.existsSync(lib)) return [];
  return fs
    .readdirSync(lib)
    .filter((name) => /^python3\./.test(name))
    .map((name) => path.join(lib, name, "site-packages"));
}

/** Whether the TensorFlow among a Python environment's packages is of the version that is wanted. */
function hasVersion(folder: string): boolean {
  return ["tensorflow", "tensorflow_cpu"].some((name) =>
    fs.existsSync(path.join(folder, `${name}-${tensorflowVersion}.dist-info`)),
  );
}
