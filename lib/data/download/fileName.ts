/** The name that a server gives to a file, made safe to use. */

/**
 * Reads the file name of a `Content-Disposition` header, RFC 5987's `filename*` first.
 *
 * @returns The name as the server wrote it, not yet safe; `undefined` when there is none.
 * @see https://www.rfc-editor.org/rfc/rfc6266
 */
export function fileNameOfContentDisposition(header: string | null): string | undefined {
  if (header === null) return undefined;
  const parameters = new Map<string, string>();
  const pattern = /;\s*([\w!#$&+.^`|~-]+\*?)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)/g;
  for (const [, name = "", raw = ""] of header.matchAll(pattern)) {
    const isQuoted = raw.length > 1 && raw.startsWith('"') && raw.endsWith('"');
    const value = isQuoted
      ? raw.slice(1, -1).replace(/\\(.)/g, "$1")
      : raw.trim().replace(/^"/, "");
    if (!parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), value);
  }
  const extended = decodeExtendedValue(parameters.get("filename*"));
  const plain = parameters.get("filename");
  // Node reads headers as Latin-1, while servers that skip RFC 5987 mostly send UTF-8.
  return extended ?? (plain === undefined ? undefined : latin1ToUtf8(plain));
}

/** `UTF-8'en'%e2%82%ac%20rates` → `€ rates`; `undefined` where it is not such a value. */
function decodeExtendedValue(value: string | undefined): string | undefined {
  const [, charset, encoded] = /^([\w-]+)'[\w-]*'(.*)$/.exec(value ?? "") ?? [];
  if (charset === undefined || encoded === undefined) return undefined;
  try {
    const bytes = encoded.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    return new TextDecoder(charset, { fatal: true }).decode(Buffer.from(bytes, "latin1"));
  } catch {
    return undefined;
  }
}

function latin1ToUtf8(text: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(text, "latin1"));
  } catch {
    return text;
  }
}

/** Room for `.part.json` within the 255 bytes that a file name may have. */
const MAX_NAME_BYTES = 240;

/**
 * Turns any text into the name of a file inside its folder: no separators, no control characters, not hidden.
 *
 * @param fallback Used when nothing is left.
 */
export function safeFileName(name: string, fallback: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  // Also what turns the direction of writing: "gpj.exe" must not look like "exe.jpg".
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
  const unwanted = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069<>:"|?*]/g;
  let safe = last.replace(unwanted, "_").replace(/^[.\s]+|[.\s]+$/g, "");
  const extension = /\.[^.]{1,16}$/.exec(safe)?.[0] ?? "";
  let stem = safe.slice(0, safe.length - extension.length);
  while (Buffer.byteLength(stem + extension) > MAX_NAME_BYTES)
    stem = [...stem].slice(0, -1).join("");
  safe = stem + extension;
  return safe === "" ? fallback : safe;
}
