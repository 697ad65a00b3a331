/** Reads what a server's answer is: a file, a piece of one, a web page, or a refusal. */
import { DownloadError, printableUrl, TransientError } from "./errors";
import { fileNameOfContentDisposition } from "./fileName";
import { discard, type Response } from "./http";
import type { PartFile, Version } from "./partFile";
import { isTransientStatus, parseRetryAfter } from "./retry";

/** The name that the server gives to the file, not yet safe. */
export function nameOf(response: Response): string | undefined {
  return fileNameOfContentDisposition(response.headers.get("content-disposition"));
}

/** A page to read, not a file to save. A file that happens to be HTML is sent as an attachment. */
export function isWebPage(response: Response): boolean {
  const type = response.headers.get("content-type") ?? "";
  const disposition = response.headers.get("content-disposition") ?? "";
  return /^(text\/html|application\/xhtml)/i.test(type) && !/^attachment/i.test(disposition);
}

/** Bytes that it takes to tell a web page, with a comment before it. */
export const TELLING_BYTES = 4096;

/** The beginning of a web page, whatever the server calls it. */
export function looksLikeWebPage(bytes: Uint8Array): boolean {
  const beginning = Buffer.from(bytes.subarray(0, TELLING_BYTES)).toString("utf8");
  return /^\uFEFF?\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*<(!doctype\s+html|(html|head|body|title|meta)[\s>])/i.test(
    beginning,
  );
}

export function isHtmlName(name: string): boolean {
  return /\.x?html?$/i.test(name);
}

/** Which version of the file the answer belongs to. */
export function versionOf(response: Response): Version {
  const { headers, status } = response;
  const total =
    status === 200
      ? headers.get("content-length")
      : /\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1];
  return {
    length: total ? Number(total) : null,
    etag: headers.get("etag"),
    lastModified: headers.get("last-modified"),
  };
}

/** The headers that ask for the rest of the part, provided that it is still the same file. */
export function rangeHeaders(part: PartFile): Record<string, string> {
  const { version, size } = part;
  if (version === undefined || size === 0) return {};
  // A weak ETag says "as good as", which is not enough to glue two halves together.
  const validator = version.etag?.startsWith('"') ? version.etag : version.lastModified;
  return { range: `bytes=${size}-`, ...(validator ? { "if-range": validator } : {}) };
}

/** Whether a 206 (or 416) answer continues exactly the file that the part is the beginning of. */
export function continues(part: PartFile, response: Response): boolean {
  const range = response.headers.get("content-range") ?? "";
  const offset = response.status === 416 ? /^bytes \*\/(\d+)$/ : /^bytes (\d+)-(\d+)\/(\d+|\*)$/;
  const [, first, last, total] = offset.exec(range) ?? [];
  if (Number(first ?? Number.NaN) !== part.size) return false;
  if (response.status === 206 && !(Number(last) >= part.size)) return false;
  if (total !== undefined && total !== "*" && Number(last) >= Number(total)) return false;
  const before = part.version;
  const now = versionOf(response);
  return (["length", "etag", "lastModified"] as const).every(
    (key) => before?.[key] == null || now[key] === null || before[key] === now[key],
  );
}

/**
 * Lets pass what holds (a piece of) a file.
 *
 * @throws TransientError for a status that may pass, DownloadError for a refusal or a web page.
 */
export function assertFile(response: Response, asked: URL, mayBeHtml: boolean): void {
  const { status, statusText } = response;
  const url = printableUrl(asked);
  if (status === 200 || status === 206 || status === 416) {
    if (status !== 416 && isWebPage(response) && !mayBeHtml) throw webPageError(url, response);
    const encoding = response.headers.get("content-encoding") ?? "identity";
    if (encoding.toLowerCase() === "identity") return;
    discard(response);
    throw new DownloadError(`${url} sends the file ${encoding}-encoded, though asked not to`, {
      url,
      status,
    });
  }
  discard(response);
  const message = `${url} answered ${status} ${statusText}`.trim();
  if (!isTransientStatus(status)) throw new DownloadError(message, { url, status });
  const retryAfterMs = parseRetryAfter(response.headers.get("retry-after"));
  throw new TransientError(message, { url, status, retryAfterMs });
}

/** The error for a page where a file was expected. */
export function webPageError(url: string, response?: Response): DownloadError {
  if (response !== undefined) discard(response);
  return new DownloadError(`${url} answered with a web page in place of the file`, {
    url,
    status: response?.status,
    hint: "Open the address in a browser to see what it says; a sign-in, consent or error page is usual.",
  });
}
