/** Finds the user's Kaggle token, where Kaggle's own client looks for it. */
import { readFile, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { EnvironmentError } from "../../errors";

const HOW_TO_GET_ONE =
  "Create a token at https://www.kaggle.com/settings, then set KAGGLE_API_TOKEN or save it to " +
  "~/.kaggle/access_token and run: chmod 600 ~/.kaggle/access_token";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The `Authorization` header that Kaggle expects.
 *
 * Looked for where kaggle 2.2.5 looks, in its order: `KAGGLE_API_TOKEN`, a token or the path of a file that holds one;
 * `access_token` and `access_token.txt` in `~/.kaggle`, whatever `KAGGLE_CONFIG_DIR` says; a user name and a key, each from
 * `KAGGLE_USERNAME` and `KAGGLE_KEY` or else from `kaggle.json`. Unlike kaggle we don't ask first whether a token is still
 * good, and refuse a broken `kaggle.json`.
 *
 * @param home Where `~` is.
 * @throws EnvironmentError when there is no token, it makes no sense, or other users of the machine can read its file.
 * @see https://pypi.org/project/kaggle/2.2.5/ `kaggle_api_extended.py`, and its kagglesdk 0.1.38, `kaggle_env.py`
 */
export async function kaggleAuthorization(
  environment: Environment = process.env,
  home = os.homedir(),
): Promise<string> {
  const token = await accessToken(environment, path.join(home, ".kaggle"));
  if (token !== undefined) return bearer(token.text, token.where);
  const { KAGGLE_USERNAME, KAGGLE_KEY } = environment;
  if (KAGGLE_USERNAME && KAGGLE_KEY) return basic(KAGGLE_USERNAME, KAGGLE_KEY);
  const file = path.join(await configFolder(environment, home), "kaggle.json");
  const json = await readPrivateFile(file);
  if (json !== undefined) {
    const { username, key } = parseKeyFile(json, file);
    return basic(...both(KAGGLE_USERNAME || username, KAGGLE_KEY || key, file));
  }
  if (KAGGLE_USERNAME || KAGGLE_KEY) {
    const missing = KAGGLE_USERNAME ? "KAGGLE_KEY" : "KAGGLE_USERNAME";
    throw new EnvironmentError(`${missing} is not set: KAGGLE_USERNAME and KAGGLE_KEY go together`);
  }
  const places = [path.join(home, ".kaggle", "access_token"), file].join(" nor in ");
  throw new EnvironmentError(`No Kaggle token: neither in the environment nor in ${places}`, {
    hint: HOW_TO_GET_ONE,
  });
}

/** A token and where it was found; an empty file counts as none. */
async function accessToken(
  { KAGGLE_API_TOKEN }: Environment,
  folder: string,
): Promise<{ text: string; where: string } | undefined> {
  if (KAGGLE_API_TOKEN) {
    const where = "KAGGLE_API_TOKEN";
    if (!(await exists(KAGGLE_API_TOKEN))) return { text: KAGGLE_API_TOKEN, where };
    // A secret that a container is lent can be read by all in it, and its mode not be changed.
    const text = await readText(KAGGLE_API_TOKEN);
    return text.trim() === "" ? undefined : { text, where };
  }
  for (const name of ["access_token", "access_token.txt"]) {
    const where = path.join(folder, name);
    const text = await readPrivateFile(where);
    if (text !== undefined && text.trim() !== "") return { text, where };
  }
  return undefined;
}

/** Where `kaggle.json` lies: on Linux where the XDG specification says, unless there is a `~/.kaggle`. */
async function configFolder(
  { KAGGLE_CONFIG_DIR, XDG_CONFIG_HOME }: Environment,
  home: string,
): Promise<string> {
  if (KAGGLE_CONFIG_DIR) return KAGGLE_CONFIG_DIR;
  const folder = path.join(home, ".kaggle");
  if (process.platform !== "linux" || (await exists(folder))) return folder;
  return path.join(XDG_CONFIG_HOME || path.join(home, ".config"), "kaggle");
}

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

function readText(file: string): Promise<string> {
  return readFile(file, "utf8").catch((cause) => {
    throw new EnvironmentError(`${file} cannot be read`, { cause });
  });
}

async function readPrivateFile(file: string): Promise<string | undefined> {
  let mode: number;
  try {
    ({ mode } = await stat(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new EnvironmentError(`${file} cannot be read`, { cause: error });
  }
  if ((mode & 0o077) !== 0) {
    const octal = (mode & 0o777).toString(8);
    throw new EnvironmentError(
      `Other users of this machine can use your Kaggle token: ${file} has mode ${octal}, not 600`,
      { hint: `Run: chmod 600 ${file}` },
    );
  }
  return readText(file);
}

/** The messages name the file but never its content. */
function parseKeyFile(json: string, file: string): { username?: unknown; key?: unknown } {
  try {
    return (JSON.parse(json) as object | null) ?? {};
  } catch {
    throw new EnvironmentError(`${file} is not valid JSON`, { hint: HOW_TO_GET_ONE });
  }
}

function both(username: unknown, key: unknown, file: string): [username: string, key: string] {
  if (typeof username === "string" && typeof key === "string" && username && key) {
    return [username, key];
  }
  throw new EnvironmentError(`${file} must hold a "username" and a "key"`, {
    hint: HOW_TO_GET_ONE,
  });
}

function basic(username: string, key: string): string {
  return `Basic ${Buffer.from(`${username}:${key}`, "utf8").toString("base64")}`;
}

function bearer(token: string, where: string): string {
  const trimmed = token.trim();
  if (/^[\x21-\x7e]+$/.test(trimmed)) return `Bearer ${trimmed}`;
  throw new EnvironmentError(`${where} does not hold a token`, { hint: HOW_TO_GET_ONE });
}
