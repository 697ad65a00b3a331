/** The cookies of one download: kept in memory, sent only to the host that set them. */

interface Cookie {
  name: string;
  value: string;
  /** Host name and port that set it, or the parent domain that it named. */
  scope: { host: string } | { domain: string };
  path: string;
  secure: boolean;
}

export class CookieJar {
  private readonly cookies = new Map<string, Cookie>();

  /** Keeps what an answer's `Set-Cookie` headers say. */
  store(url: URL, setCookieHeaders: readonly string[]): void {
    for (const header of setCookieHeaders) {
      const parsed = parseSetCookie(header, url);
      if (parsed === undefined) continue;
      const key = JSON.stringify([parsed.cookie.name, parsed.cookie.scope, parsed.cookie.path]);
      if (parsed.expired) this.cookies.delete(key);
      else this.cookies.set(key, parsed.cookie);
    }
  }

  /** The `Cookie` header for a request, or `undefined` when there is nothing to say. */
  headerFor(url: URL): string | undefined {
    const fitting = [...this.cookies.values()].filter((cookie) => fits(cookie, url));
    if (fitting.length === 0) return undefined;
    return fitting.map(({ name, value }) => `${name}=${value}`).join("; ");
  }
}

function parseSetCookie(
  header: string,
  url: URL,
): { cookie: Cookie; expired: boolean } | undefined {
  const [pair = "", ...attributeTexts] = header.split(";").map((part) => part.trim());
  const equals = pair.indexOf("=");
  if (equals < 1) return undefined;
  const attributes = new Map(
    attributeTexts.map((text): [string, string] => {
      const [name = "", ...value] = text.split("=");
      return [name.toLowerCase(), value.join("=")];
    }),
  );

  const domain = attributes.get("domain")?.replace(/^\./, "").toLowerCase();
  if (domain && !mayNameDomain(url.hostname, domain)) return undefined;

  const path = attributes.get("path");
  const maxAge = attributes.get("max-age");
  const expires = Date.parse(attributes.get("expires") ?? "");
  return {
    cookie: {
      name: pair.slice(0, equals),
      value: pair.slice(equals + 1),
      scope: domain && domain !== url.hostname ? { domain } : { host: url.host },
      path: path?.startsWith("/") ? path : url.pathname.replace(/\/[^/]*$/, "") || "/",
      secure: attributes.has("secure"),
    },
    expired: maxAge !== undefined ? Number(maxAge) <= 0 : expires < Date.now(),
  };
}

/** A host may set cookies for a parent domain, but not for a whole top level. */
function mayNameDomain(hostname: string, domain: string): boolean {
  if (domain === hostname) return true;
  return domain.includes(".") && hostname.endsWith(`.${domain}`);
}

function fits(cookie: Cookie, url: URL): boolean {
  if (cookie.secure && url.protocol !== "https:") return false;
  const { scope, path } = cookie;
  const hostFits =
    "host" in scope
      ? scope.host === url.host
      : url.hostname === scope.domain || url.hostname.endsWith(`.${scope.domain}`);
  const pathFits = url.pathname === path || url.pathname.startsWith(path.replace(/\/?$/, "/"));
  return hostFits && pathFits;
}
