/** Where the library lies: in its repository or installed as a package; and where a user's own things are kept. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** The repository's root, whose set-up has compiled this; `undefined` in an installed package. */
export const repository =
  path.basename(path.dirname(__dirname)) === ".build"
    ? path.resolve(__dirname, "../..")
    : undefined;

/** What the library's package.json has of interest here. */
interface Manifest {
  version: string;
  peerDependencies?: Record<string, string>;
}

/** The library's own version. */
export function libraryVersion(): string {
  return readManifest().version;
}

/**
 * The command that gets a package which the library does without until it is used; `undefined` in the repository, whose
 * set-up installs all.
 */
export function optionalPackage(name: string): string | undefined {
  const version = readManifest().peerDependencies?.[name];
  return version === undefined ? undefined : `npm install ${name}@${version}`;
}

function readManifest(): Manifest {
  const folder = repository === undefined ? path.dirname(__dirname) : path.join(repository, "lib");
  return JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8")) as Manifest;
}

/** What to do where something is missing that set-up brings, as a sentence. */
export const setUpHint =
  repository === undefined
    ? "Run `npx convnets setup` in your project's folder."
    : "Run `npm run setup` in the project's folder.";

/**
 * The folder that all projects of a user share: `CONVNETS_HOME`, or `convnets` in the user's cache.
 *
 * @param environment This process' by default.
 */
export function sharedFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { CONVNETS_HOME, XDG_CACHE_HOME } = environment;
  if (CONVNETS_HOME) return path.resolve(CONVNETS_HOME);
  // What is not absolute is to be ignored, says the specification of the variable.
  const cache = XDG_CACHE_HOME && path.isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : undefined;
  return path.join(cache ?? path.join(os.homedir(), ".cache"), "convnets");
}
