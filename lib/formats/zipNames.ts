/** Names in zip archives: bytes, which the archive seldom says how to read. */
import { crc32 } from "node:zlib";
import { type Entry, getFileNameLowLevel, validateFileName } from "yauzl";
import { ConvnetsError } from "../errors";

/** Reads a name's bytes; throws when they aren't of its encoding. */
export type NameDecoder = (bytes: Uint8Array) => string;

const UTF8_FLAG = 0x800;
/** Info-ZIP's field with the name in UTF-8. */
const UNICODE_PATH = 0x7075;

/** What Windows and Python call code pages that browsers know by another name. */
const otherNames: Readonly<Record<string, string>> = {
  cp949: "euc-kr",
  ms949: "euc-kr",
  cp932: "shift_jis",
  cp936: "gbk",
  cp950: "big5",
};

/**
 * The decoder of an encoding.
 *
 * @param label A name that the Encoding Standard knows (`"euc-kr"`, `"shift_jis"`, `"gbk"`, `"ibm866"`), or Python's of the
 *   same code page (`"cp949"`).
 * @returns Undefined when there is no such encoding.
 * @see https://encoding.spec.whatwg.org/#names-and-labels
 */
export function nameDecoder(label: string): NameDecoder | undefined {
  const name = label.trim().toLowerCase();
  try {
    const decoder = new TextDecoder(otherNames[name] ?? name, { fatal: true, ignoreBOM: true });
    return (bytes) => decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

const utf8 = nameDecoder("utf-8")!;

/**
 * The name of an entry whose bytes were left as they are.
 *
 * What the archive itself says counts first: its mark for UTF-8, then Info-ZIP's field. Of names without either, the caller's
 * encoding; else UTF-8 where the bytes are UTF-8, as Unix and macOS write them and hardly any other text is; else code page
 * 437, the format's own.
 *
 * @throws When the name leads out of a folder, or isn't in the caller's encoding.
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, appendix D
 */
export function nameOf(
  entry: Entry,
  { decode, strict }: { decode: NameDecoder | undefined; strict: boolean },
): string {
  const { generalPurposeBitFlag: flags, extraFields } = entry;
  const raw = entry.fileNameRaw;
  const marked = (flags & UTF8_FLAG) !== 0 ? textOf(raw, utf8) : undefined;
  const text = marked ?? (hasUnicodePath(entry) ? undefined : unmarked(raw, decode));
  // yauzl puts slashes in the place of backslashes, and knows code page 437 and Info-ZIP's field.
  const name =
    text === undefined
      ? getFileNameLowLevel(0, raw, extraFields, strict)
      : getFileNameLowLevel(UTF8_FLAG, Buffer.from(text), [], strict);
  const fault = validateFileName(name);
  if (fault !== null) throw new ConvnetsError(fault);
  return name;
}

/** Whether the field belongs to this name: programs that rename an entry may leave the field of before. */
function hasUnicodePath({ extraFields, fileNameRaw }: Entry): boolean {
  return extraFields.some(
    ({ id, data }) =>
      id === UNICODE_PATH &&
      data.length >= 6 &&
      data[0] === 1 &&
      data.readUInt32LE(1) === crc32(fileNameRaw),
  );
}

function unmarked(raw: Buffer, decode: NameDecoder | undefined): string | undefined {
  if (decode === undefined) return textOf(raw, utf8);
  const text = textOf(raw, decode);
  if (text !== undefined) return text;
  const shown = JSON.stringify(raw.toString("latin1"));
  throw new ConvnetsError(`the name ${shown} isn't in the \`encoding\` that was given`);
}

function textOf(raw: Buffer, decode: NameDecoder): string | undefined {
  try {
    return decode(raw);
  } catch {
    return undefined;
  }
}
