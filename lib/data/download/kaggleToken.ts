/** Finds the user's Kaggle token, where Kaggle's own client looks for it. */
import { readFile, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { EnvironmentError } from "../../errors";

const HOW_TO_GET_ONE =
  "Create a token at https://www.kaggle.com/settings, then set KAGGLE_API_TOKEN, " +
  "or KAGGLE_USERNAME and KAGGLE_KEY, " +
  "or save kaggle.json to ~/.kaggle and run: chmod 600 ~/.kaggle/kaggle.json";

/**
 * The `Authorization` header that Kaggle expects.
 *
 * In this order: `KAGGLE_API_TOKEN`; `KAGGLE_USERNAME` with `KAGGLE_KEY`; the files `access_token` and `kaggle.json`
 * in `KAGGLE_CONFIG_DIR`, by default `~/.kaggle`.
 *
 * @throws EnvironmentError when there is no token, it makes no sense, or other users of the machine can read its file.
 */
export async function kaggleAuthorization(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string> {
  const { KAGGLE_API_TOKEN, KAGGLE_USERNAME, KAGGLE_KEY, KAGGLE_CONFIG_DIR } = environment;
  if (KAGGLE_API_TOKEN) return bearer(KAGGLE_API_TOKEN, "KAGGLE_API_TOKEN");
  if (KAGGLE_USERNAME && KAGGLE_KEY) return basic(KAGGLE_USERNAME, KAGGLE_KEY);
  if (KAGGLE_USERNAME || KAGGLE_KEY) {
    const missing = KAGGLE_USERNAME ? "KAGGLE_KEY" : "KAGGLE_USERNAME";
    throw new EnvironmentError(`${missing} is not set: KAGGLE_USERNAME and KAGGLE_KEY go together`);
  }
  const folder = KAGGLE_CONFIG_DIR || path.join(os.homedir(), ".kaggle");
  const tokenFile = path.join(folder, "access_token");
  const token = await readPrivateFile(tokenFile);
  if (token !== undefined) return bearer(token, tokenFile);
  const keyFile = path.join(folder, "kaggle.json");
  const json = await readPrivateFile(keyFile);
  if (json !== undefined) return basic(...parseKeyFile(json, keyFile));
  throw new EnvironmentError(`No Kaggle token: neither in the environment nor in ${folder}`, {
    hint: HOW_TO_GET_ONE,
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
  return readFile(file, "utf8");
}

/** The messages name the file but never its content. */
function parseKeyFile(json: string, file: string): [username: string, key: string] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch {
    throw new EnvironmentError(`${file} is not valid JSON`, { hint: HOW_TO_GET_ONE });
  }
  const { username, key } = (parsed ?? {}) as Record<string, unknown>;
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
