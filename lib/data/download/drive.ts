/**
 * Files that are shared on Google Drive.
 *
 * Drive gives small files at once. For large ones it first shows a page ("can't scan this file for viruses") with a
 * form, whose answer is the file.
 */
import { describeValue, InvalidArgumentError, invalidArgument } from "../../errors";
import { parseAddress, parseBaseAddress } from "./address";
import { isWebPage } from "./answer";
import { downloadFile } from "./downloadFile";
import { type DrivePage, readDrivePage } from "./drivePage";
import { DownloadError, printableUrl } from "./errors";
import { get, type HttpSession, type Response } from "./http";
import { checkDownloadOptions, type DownloadOptions, downloadOptions } from "./options";
import { whyUnreachable } from "./reachable";
import { transfer } from "./transfer";

/** Options of `gdown.download`. */
export interface DriveDownloadOptions extends DownloadOptions {
  /** The file's id: the long text in a link to it. Give this or `url`. @default none */
  id?: string;
  /** A link to the file, in any of Drive's forms; any other address is downloaded as it is. @default none */
  url?: string;
  /** Where Drive is; a mirror or a test can stand in. @default "https://drive.google.com" */
  baseUrl?: string;
}

const DRIVE = "https://drive.google.com";
const DRIVE_HOSTS = /^(drive|docs|drive\.usercontent)\.google\.com$/;
const PROBE_TIMEOUT_MS = 4000;

/** Drive writes its pages in the reader's language; ours are read by their words. */
const IN_ENGLISH = { "accept-language": "en" };

/** Pages between us and the file. One is usual; more than this is a loop. */
const MAX_PAGES = 3;

/**
 * Downloads a file that is shared on Google Drive with anyone who has the link.
 *
 * @returns The absolute path of the file.
 * @throws DownloadError when Drive refuses (private, over quota, gone) or the connection does not last.
 * @throws ChecksumError when it is not the expected file.
 * @throws InvalidArgumentError unless exactly one of `id` and `url` is given.
 * @example
 * import { gdown } from "convnets";
 * const file = await gdown.download({
 *   url: "https://drive.google.com/file/d/18uC7WTuEXKJDDxbj-Jq6EjzpFrgE7IAd/view",
 *   output: "data/",
 * });
 */
export async function download(options: DriveDownloadOptions): Promise<string> {
  const settings = checkDownloadOptions(
    options,
    { ...downloadOptions, id: true, url: true, baseUrl: true },
    "gdown.download",
  );
  const { id: givenId, url, baseUrl = DRIVE, ...rest } = options;
  if ((givenId === undefined) === (url === undefined)) {
    throw new InvalidArgumentError(
      "gdown.download needs either `id` or `url`, and not both. " +
        `Received: id=${describeValue(givenId)}, url=${describeValue(url)}`,
    );
  }
  const base = parseBaseAddress("baseUrl", baseUrl);
  const link = url === undefined ? undefined : parseAddress("url", url);
  const id = givenId ?? driveId(link!, base);
  if (id === undefined) return downloadFile(url!, rest);
  if (typeof id !== "string" || !/^[\w-]+$/.test(id)) {
    throw invalidArgument("id", { expected: "letters, digits, - and _", received: id });
  }
  const start = fileAddress(base, id);
  // Files that were shared before September 2021 may need it beside the id.
  const key = link?.searchParams.get("resourcekey");
  if (key) start.searchParams.set("resourcekey", key);
  return transfer(
    {
      url: start,
      fallbackName: id,
      open: (session, headers) => openDriveFile(session, start, headers),
    },
    settings,
  );
}

/**
 * Why a file on Google Drive can't be reached, or `undefined` when it can.
 *
 * @param options.baseUrl Where Drive is. @default "https://drive.google.com"
 * @throws InvalidArgumentError when `baseUrl` is no http or https address.
 */
export async function whyDriveUnreachable(
  id: string,
  { baseUrl = DRIVE }: { baseUrl?: string },
): Promise<string | undefined> {
  const base = parseBaseAddress("baseUrl", baseUrl);
  return whyUnreachable(fileAddress(base, id), { timeoutMs: PROBE_TIMEOUT_MS });
}

function fileAddress(base: URL, id: string): URL {
  return new URL(`${base.href.replace(/\/$/, "")}/uc?export=download&id=${id}`);
}

/** The id in a link to Drive; `undefined` for any other address. */
function driveId(url: URL, base: URL): string | undefined {
  if (!DRIVE_HOSTS.test(url.hostname) && url.origin !== base.origin) return undefined;
  const id = url.searchParams.get("id") ?? /\/d\/([\w-]+)/.exec(url.pathname)?.[1];
  if (id !== undefined && id !== null) return id;
  throw invalidArgument("url", {
    expected: "a link to one file (…/file/d/ID/… or …?id=ID)",
    received: printableUrl(url),
  });
}

async function openDriveFile(
  session: HttpSession,
  start: URL,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  let url = start;
  for (let pages = 0; pages <= MAX_PAGES; pages++) {
    const response = await get(session, url, { ...IN_ENGLISH, ...headers });
    if (!isWebPage(response) || response.status >= 500 || response.status === 429) return response;
    const page = await readDrivePage(await readText(response), new URL(response.url));
    if (page.kind !== "confirm") throw pageError(page, start, response.status);
    url = page.next;
    const key = start.searchParams.get("resourcekey");
    const isDrive = url.origin === start.origin || DRIVE_HOSTS.test(url.hostname);
    if (key !== null && isDrive) url.searchParams.set("resourcekey", key);
  }
  throw new DownloadError(`${printableUrl(start)} asks for confirmation again and again`, {
    url: printableUrl(start),
  });
}

/** A page that is longer than this is none of Drive's. */
const MAX_PAGE_BYTES = 2 << 20;

async function readText(response: Response): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response.body!) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > MAX_PAGE_BYTES) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}

function pageError(
  page: Exclude<DrivePage, { kind: "confirm" }>,
  start: URL,
  status: number,
): DownloadError {
  const url = printableUrl(start);
  if (page.kind === "quota") {
    return new DownloadError(
      `Google Drive's download quota for ${url} is exceeded: too many people have fetched it lately`,
      {
        url,
        status,
        hint: "Try again in up to 24 hours, or copy the file into your own Drive and use that id.",
      },
    );
  }
  if (page.kind === "refusal") {
    return new DownloadError(`Google Drive does not give ${url}: "${page.text}"`, {
      url,
      status,
      hint:
        "If too many people have fetched it lately, try again in up to 24 hours, or copy the file into your own Drive " +
        "and use that id.",
    });
  }
  const title = page.title ? ` ("${page.title}")` : "";
  return new DownloadError(`${url} answered with a web page in place of the file${title}`, {
    url,
    status,
    hint: "Check the id, and that the file is shared with anyone who has the link.",
  });
}
