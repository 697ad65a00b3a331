/** Addresses as users write them, and what may be shown of them. */
import { createHash } from "node:crypto";
import { invalidArgument } from "../../errors";

/**
 * An http or https address.
 *
 * @param argument What the caller calls it.
 * @throws InvalidArgumentError for anything else, without showing a password.
 */
export function parseAddress(argument: string, url: string | URL): URL {
  const address = URL.canParse(String(url)) ? new URL(url) : undefined;
  if (address?.protocol !== "http:" && address?.protocol !== "https:") {
    throw invalidArgument(argument, {
      expected: "an http or https address",
      received: typeof url === "string" || url instanceof URL ? withoutSecrets(String(url)) : url,
    });
  }
  return address;
}

/**
 * An http or https address of a server as such, which takes no user name.
 *
 * @throws InvalidArgumentError for anything else, without showing a password.
 */
export function parseBaseAddress(argument: string, url: string | URL): URL {
  const address = parseAddress(argument, url);
  if (address.username === "" && address.password === "") return address;
  throw invalidArgument(argument, {
    expected: "an address without a user name and a password",
    received: withoutSecrets(address.href),
  });
}

/** Takes the user name and the password out of an address, as the header that stands for them. */
export function splitCredentials(url: URL): { address: URL; headers: Record<string, string> } {
  const address = new URL(url);
  if (address.username === "" && address.password === "") return { address, headers: {} };
  const [user, password] = [address.username, address.password].map(decoded);
  address.username = "";
  address.password = "";
  const authorization = `Basic ${Buffer.from(`${user}:${password}`, "utf8").toString("base64")}`;
  return { address, headers: { authorization } };
}

/** What tells an address from others, and gives nothing away of what it holds: queries may be signed. */
export function identityOf(url: URL): string {
  const address = new URL(url);
  address.hash = "";
  return createHash("sha256").update(address.href).digest("hex");
}

/** Everything before the last `@` may belong to a password that is not escaped. */
function withoutSecrets(url: string): string {
  return url.replace(/\/\/.*@/s, "//…@");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
