import { checkRecord, checkText } from "../../checks";
import { invalidArgument } from "../../errors";
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
 * @param url An http or https address.
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
  const address = parseAddress("url", url);
  return transfer(
    {
      url: address,
      fallbackName: nameOfPath(address),
      secretHeaders: headers,
      open: (session, sent) => get(session, address, sent),
    },
    settings,
  );
}

/** @throws InvalidArgumentError unless it is an http or https address. */
export function parseAddress(argument: string, url: string | URL): URL {
  const address = URL.canParse(String(url)) ? new URL(url) : undefined;
  if (address?.protocol !== "http:" && address?.protocol !== "https:") {
    throw invalidArgument(argument, { expected: "an http or https address", received: url });
  }
  return address;
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
