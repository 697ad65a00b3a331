/** Kaggle's photographs. */
import { ConvnetsError } from "../../errors";

/** Where the photographs lie on Google Drive. */
export const driveId = "18uC7WTuEXKJDDxbj-Jq6EjzpFrgE7IAd";

const DRIVE = "https://drive.google.com";
const PROBE_TIMEOUT_MS = 4000;

/** Why Google Drive can't be reached, or undefined when it can. */
export async function reachable(baseUrl: string = DRIVE): Promise<string | undefined> {
  try {
    const answer = await fetch(`${baseUrl}/uc?export=download&id=${driveId}`, {
      method: "HEAD",
      redirect: "manual",
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    return answer.status < 400 ? undefined : `it answered ${answer.status}`;
  } catch (error) {
    const { name, message, cause } = error as Error;
    if (name === "TimeoutError") return `no answer within ${PROBE_TIMEOUT_MS / 1000} s`;
    return cause instanceof Error && cause.message !== "" ? cause.message : message;
  }
}

/**
 * Downloads the photographs and unpacks them into `into/train`.
 *
 * @throws ConvnetsError when they can't be had.
 */
export async function fetchPhotographs(
  source: "drive" | "kaggle",
  _options: { into: string; baseUrl: string | undefined; quiet: boolean },
): Promise<void> {
  throw new ConvnetsError(`This build can't download from ${source} yet.`);
}
