/** Files of Kaggle's competitions. */
import { checkText } from "../../checks";
import { invalidArgument } from "../../errors";
import { parseBaseAddress } from "./address";
import { DownloadError, printableUrl } from "./errors";
import { discard, get, type Response } from "./http";
import { kaggleAuthorization } from "./kaggleToken";
import { checkDownloadOptions, type DownloadOptions, downloadOptions } from "./options";
import { transfer } from "./transfer";

/** Options of `kaggle.downloadCompetition`. */
export interface CompetitionOptions extends DownloadOptions {
  /** One file of the competition. @default all of them, in one zip archive */
  file?: string;
  /** Where Kaggle is. The token is sent there and nowhere else. @default "https://www.kaggle.com" */
  baseUrl?: string;
}

const KAGGLE = "https://www.kaggle.com";

/**
 * Downloads the data of a Kaggle competition.
 *
 * Needs that you have accepted the competition's rules on its page, and a token, which is looked for where kaggle 2.2.5
 * looks, in its order: `KAGGLE_API_TOKEN`, a token or the path of its file; `access_token` and `access_token.txt` in
 * `~/.kaggle`; `KAGGLE_USERNAME` and `KAGGLE_KEY`, or what `kaggle.json` has of the two. That file lies in
 * `KAGGLE_CONFIG_DIR`, else in `~/.kaggle`, else on Linux in `~/.config/kaggle`.
 *
 * @param name The competition as its address has it, for example `"dogs-vs-cats"`.
 * @returns The absolute path of the archive: `<name>.zip` in the working directory unless `output` says otherwise.
 * @throws EnvironmentError without a usable token; DownloadError when Kaggle refuses or the connection does not last.
 * @example
 * import { kaggle, unzip } from "convnets";
 * const archive = await kaggle.downloadCompetition("dogs-vs-cats", { output: "data/" });
 * await unzip(archive, { into: "data/dogs-vs-cats", nested: true });
 */
export async function downloadCompetition(
  name: string,
  options: CompetitionOptions = {},
): Promise<string> {
  const settings = checkDownloadOptions(
    options,
    { ...downloadOptions, file: true, baseUrl: true },
    "kaggle.downloadCompetition",
  );
  if (typeof name !== "string" || !/^[\w-]+$/.test(name)) {
    throw invalidArgument("name", { expected: "a competition's short name", received: name });
  }
  const { file, baseUrl = KAGGLE } = options;
  checkText("file", file, { what: "the name of one of the competition's files" });
  const base = parseBaseAddress("baseUrl", baseUrl).href.replace(/\/$/, "");
  const what = file === undefined ? `download-all/${name}` : `download/${name}/${encodePath(file)}`;
  const url = new URL(`${base}/api/v1/competitions/data/${what}`);
  const authorization = await kaggleAuthorization();
  return transfer(
    {
      url,
      fallbackName: file?.split("/").at(-1) ?? `${name}.zip`,
      secretHeaders: { authorization },
      open: async (session, headers) => {
        const response = await get(session, url, headers);
        assertAllowed(response, url, name, `${base}/c/${name}`);
        return response;
      },
    },
    settings,
  );
}

function encodePath(file: string): string {
  return file.split("/").map(encodeURIComponent).join("/");
}

const REFUSALS: Readonly<Record<number, (name: string, page: string) => [string, string]>> = {
  401: () => [
    "Kaggle does not accept your token",
    "Create a new one at https://www.kaggle.com/settings.",
  ],
  403: (name, page) => [
    `Kaggle does not give you the data of "${name}": you have not accepted its rules, or it is closed to you`,
    `Sign in, open ${page}/rules, accept the rules (join the competition), then run this again.`,
  ],
  404: (name, page) => [
    `Kaggle knows no competition "${name}", or no such file in it`,
    `Look at ${page}/data.`,
  ],
};

function assertAllowed(response: Response, url: URL, name: string, page: string): void {
  // After a redirect the answer is the file store's, which knows nothing of rules and tokens.
  const refusal =
    new URL(response.url).origin === url.origin ? REFUSALS[response.status] : undefined;
  if (refusal === undefined) return;
  discard(response);
  const [message, hint] = refusal(name, page);
  throw new DownloadError(message, { url: printableUrl(url), status: response.status, hint });
}
