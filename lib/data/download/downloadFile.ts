import { checkRecord, checkText } from "../../checks";
import { parseAddress, splitCredentials } from "./address";
import { get } from "./http";
import { checkDownloadOptions, type DownloadOptions, downloadOptions } from "./options";
import { transfer } from "./transfer";

/** Options of `downloadFile`. */
export interface DownloadFileOptions extends DownloadOptions {
  /** Further request headers, such as `Authorization`. They go to the host of `url` and to no other. @default none */
  headers?: Readonly<Record<string, string>>;
}

/**
 * Downloads a file over HTTP: continued after a cut, checked, and under its name only when whole and right.
 *
 * A file that is there already is replaced when it came from the same address and nobody has changed it since; any other
 * is kept, and an error unless it holds the same bytes.
 *
 * @param url An http or https address. Of a user name and a password in it, only the server gets to know.
 * @returns The absolute path of the file.
 * @throws DownloadError when the file cannot be had; ChecksumError when it is not the expected one.
 * @throws InvalidArgumentError for an address that is neither http nor https, or an option that makes no sense.
 * @example
 * import { downloadFile } from "convnets";
 * const file = await downloadFile("https://example.org/digits.npz", { output: "data/" });
 */
export async function downloadFile(
  url: string | URL,
  options: DownloadFileOptions = {},
): Promise<string> {
  const settings = checkDownloadOptions(
    options,
    { ...downloadOptions, headers: true },
    "downloadFile",
  );
  const { headers = {} } = options;
  checkRecord("headers", headers, { what: "names and values of headers" });
  for (const [name, value] of Object.entries(headers)) {
    checkText(`headers.${name}`, value, { what: "a text", required: true });
  }
  const { address, headers: credentials } = splitCredentials(parseAddress("url", url));
  const ownNames = Object.keys(headers).map((name) => name.toLowerCase());
  return transfer(
    {
      url: address,
      fallbackName: nameOfPath(address),
      secretHeaders: ownNames.includes("authorization") ? headers : { ...headers, ...credentials },
      open: (session, sent) => get(session, address, sent),
    },
    settings,
  );
}

/** The last part of an address' path, as a file name. */
function nameOfPath(url: URL): string {
  const last = url.pathname.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
