/** Where the library lies: in its repository or installed as a package; and where a user's own things are kept. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** The repository's root, whose set-up has compiled this; `undefined` in an installed package. */
export const repository =
  path.basename(path.dirname(__dirname)) === ".build"
    ? path.resolve(__dirname, "../..")
    : undefined;

/** The library's own version. */
export function libraryVersion(): string {
  const folder = repository === undefined ? path.dirname(__dirname) : path.join(repository, "lib");
  const manifest = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
  return (manifest as { version: string }).version;
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
