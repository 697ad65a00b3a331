import { isHtmlName, looksLikeWebPage, TELLING_BYTES, webPageError } from "./answer";
import type { Occupant } from "./occupant";
import type { PartFile } from "./partFile";
import { beginningOf, mark } from "./target";

/**
 * Lets pass what isn't a web page: one may come in pieces too small to tell, over several tries.
 *
 * @throws DownloadError for a web page; the part is gone then.
 */
export async function refuseWebPage(
  part: PartFile,
  { target, url }: { target: string; url: string },
): Promise<void> {
  if (isHtmlName(target) || !looksLikeWebPage(await beginningOf(part.path, TELLING_BYTES))) return;
  await part.remove();
  throw webPageError(url);
}

/**
 * Gives a part that is whole, and on the disk, its name.
 *
 * @returns Whether it has the name; `false` when a file was there that holds the same bytes.
 * @throws DownloadError when somebody's other file has the name; the part is gone then.
 */
export async function nameWhole(
  part: PartFile,
  options: { target: string; occupant: Occupant; identity: string },
): Promise<boolean> {
  const { target, occupant, identity } = options;
  const lastModified = part.version?.lastModified ?? null;
  try {
    if (!(await occupant.holdsSame(part.path))) {
      await mark(part.path, { identity, lastModified });
      await part.complete();
      return true;
    }
  } catch (error) {
    await part.remove();
    throw error;
  }
  await part.remove();
  await mark(target, { identity, lastModified });
  return false;
}
