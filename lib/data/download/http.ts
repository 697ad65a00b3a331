/** GET requests that keep secrets on their host, follow redirects by hand, and never wait for ever. */
import type { Agent } from "node:http";
import { CookieJar } from "./cookies";
import { DownloadError, printableUrl, TransientError } from "./errors";

// An ES module, whose types a CommonJS module cannot import by name.
const loadFetch = async () => (await import("node-fetch")).default;

export type Response = Awaited<ReturnType<Awaited<ReturnType<typeof loadFetch>>>>;

/** What the requests of one download share. */
export interface HttpSession {
  cookies: CookieJar;
  /** Headers that say who we are (`Authorization` …): sent to the origin `secretsFor` only. */
  secretHeaders: Readonly<Record<string, string>>;
  secretsFor: string;
  /** Longest wait for an answer to begin, in milliseconds. */
  timeoutMs: number;
  signal: AbortSignal;
}

const MAX_REDIRECTS = 10;
const USER_AGENT = "convnets/0.1 (+node-fetch)";

/** Opens the session of a download. `headers` go to the origin of `url` and nowhere else. */
export function openSession(
  url: URL,
  options: { headers?: Readonly<Record<string, string>>; timeoutMs: number; signal: AbortSignal },
): HttpSession {
  return {
    cookies: new CookieJar(),
    secretHeaders: options.headers ?? {},
    secretsFor: url.origin,
    timeoutMs: options.timeoutMs,
    signal: options.signal,
  };
}

/**
 * Sends one GET request and follows its redirects. The caller reads or destroys the body.
 *
 * @throws TransientError when the connection fails or no answer comes in time.
 * @throws DownloadError on a redirect to a sign-in page, to anything but https or the same protocol, or on too many.
 */
export async function get(
  session: HttpSession,
  start: URL,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  let url = start;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const response = await send(session, url, headers);
    session.cookies.store(url, response.headers.raw()["set-cookie"] ?? []);
    const location = response.headers.get("location");
    if (![301, 302, 303, 307, 308].includes(response.status) || location === null) return response;
    discard(response);
    url = nextHop(url, location);
  }
  throw new DownloadError(`${printableUrl(start)} redirects more than ${MAX_REDIRECTS} times`, {
    url: printableUrl(start),
  });
}

/** Lets go of an answer whose body is not wanted. */
export function discard(response: Response): void {
  const body = response.body as (NodeJS.ReadableStream & { destroy(): void }) | null;
  // An abandoned body may still report the connection that we are about to close.
  body?.on("error", () => {});
  body?.destroy();
}

/** Waits for work that an answer is wanted for; lets go of the answer when the work fails. */
export async function orDiscard<T>(response: Response, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    discard(response);
    throw error;
  }
}

async function send(
  session: HttpSession,
  url: URL,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const [fetch, agent] = await Promise.all([loadFetch(), proxyAgent(url)]);
  session.signal.throwIfAborted();
  const waiting = new AbortController();
  const stop = () => waiting.abort();
  const timer = setTimeout(stop, session.timeoutMs);
  session.signal.addEventListener("abort", stop, { once: true });
  const cookie = session.cookies.headerFor(url);
  try {
    return await fetch(url, {
      redirect: "manual",
      // A range of a compressed answer is not a range of the file.
      compress: false,
      headers: {
        "user-agent": USER_AGENT,
        accept: "*/*",
        "accept-encoding": "identity",
        ...headers,
        ...(url.origin === session.secretsFor ? session.secretHeaders : {}),
        ...(cookie === undefined ? {} : { cookie }),
      },
      ...(agent === undefined ? {} : { agent }),
      signal: waiting.signal,
    });
  } catch (error) {
    session.signal.throwIfAborted();
    const fault = waiting.signal.aborted
      ? `no answer in ${session.timeoutMs / 1000} s`
      : connectionFault(error);
    throw new TransientError(`${printableUrl(url)} cannot be reached: ${fault}`, {
      url: printableUrl(url),
      fault,
    });
  } finally {
    clearTimeout(timer);
    session.signal.removeEventListener("abort", stop);
  }
}

/** Not node-fetch's words, nor the error itself: they carry the whole address, signatures included. */
function connectionFault(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  return code ?? (error instanceof Error ? error.name : "unknown fault");
}

function nextHop(from: URL, location: string): URL {
  let to: URL;
  try {
    to = new URL(location, from);
  } catch {
    throw new DownloadError(`${printableUrl(from)} redirects to something that is no address`, {
      url: printableUrl(from),
    });
  }
  const about = { url: printableUrl(from) };
  if (to.protocol !== "https:" && to.protocol !== from.protocol) {
    const [before, after] = [from, to].map(({ protocol }) => protocol.slice(0, -1));
    throw new DownloadError(
      `${about.url} redirects from ${before} to ${after}, at ${to.host || "no host"}`,
      about,
    );
  }
  if (to.username !== "" || to.password !== "") {
    throw new DownloadError(`${about.url} redirects to an address with a user name`, about);
  }
  if (isSignIn(to)) {
    throw new DownloadError(
      `${about.url} asks to sign in (at ${to.host}); the file is not public`,
      {
        ...about,
        hint: "Share the file with anyone who has the link, or check your token.",
      },
    );
  }
  return to;
}

const SIGN_IN_PATHS = /\/(servicelogin|signin|sign-in|sign_in|login|accountchooser)(\/|$)/i;

function isSignIn(url: URL): boolean {
  return url.hostname.startsWith("accounts.") || SIGN_IN_PATHS.test(url.pathname);
}

let sharedProxyAgent: Promise<Agent> | undefined;

/** The proxy of HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY; this machine itself is never behind it. */
async function proxyAgent(url: URL): Promise<Agent | undefined> {
  if (/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)) return undefined;
  sharedProxyAgent ??= import("proxy-agent").then(({ ProxyAgent }) => new ProxyAgent());
  return sharedProxyAgent;
}
