/** Archives that are unpacked into a folder. */
import { type Chunks, type NameDecoder, openZip, type Zip, type ZipEntry } from "../../formats";
import { ArchiveError } from "./errors";

/** An open archive. */
export interface Archive {
  file: string;
  /** Its own size in bytes. */
  size: number;
  entries: ZipEntry[];
  /** The bytes of an entry, decompressed; no more than the archive says there are. */
  contents(entry: ZipEntry): Promise<Chunks>;
  close(): Promise<void>;
}

/**
 * Opens a zip archive and reads its directory.
 *
 * @throws ArchiveError when it is not a whole zip archive.
 */
export async function openArchive(
  file: string,
  options: { decodeName?: NameDecoder } = {},
): Promise<Archive> {
  let zip: Zip | undefined;
  try {
    zip = await openZip(file, options);
    const entries: ZipEntry[] = [];
    for await (const entry of zip.entries()) entries.push(entry);
    return { ...zip, file, entries };
  } catch (cause) {
    await zip?.close();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ArchiveError(`${file} cannot be unzipped: ${reason}`, { cause });
  }
}
