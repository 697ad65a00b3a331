import { stat } from "node:fs/promises";
import { DownloadError } from "./errors";
import type { DownloadSettings } from "./options";
import type { Version } from "./partFile";
import { isFile, isSame, markedAs, secondsOf, wrongHash } from "./target";

/** What a download knows of itself before the server has said anything. */
interface Wanted {
  /** The address as it may be shown. */
  url: string;
  /** What tells the whole address from others. */
  identity: string;
  hashes: DownloadSettings["hashes"];
  overwrite: boolean;
}

/** The file that is where a download is to go, if there is one, and what may be done to it. */
export class Occupant {
  private constructor(
    private readonly target: string,
    private readonly wanted: Wanted,
    /** Length and Last-Modified of a file that an earlier download from the address has left; undefined for any other. */
    private readonly marked: Awaited<ReturnType<typeof markedAs>>,
    /** Whether the file has the hashes that are wanted; undefined where there is no file, or none is wanted. */
    readonly isExpected: boolean | undefined,
  ) {}

  static async at(target: string, wanted: Wanted): Promise<Occupant> {
    if (!(await isFile(target))) return new Occupant(target, wanted, undefined, undefined);
    const marked = await markedAs(target, wanted.identity);
    const { hashes } = wanted;
    const isExpected =
      hashes.length === 0 ? undefined : (await wrongHash(target, hashes)) === undefined;
    return new Occupant(target, wanted, marked, isExpected);
  }

  /** Its length, where it came from the address. */
  get size(): number {
    return this.marked?.size ?? 0;
  }

  /** Whether it is this version of the file, as far as can be told without reading it. */
  isVersion({ length, lastModified }: Version): boolean {
    if (this.marked === undefined) return false;
    const { size, seconds } = this.marked;
    return seconds === secondsOf(lastModified) && (length === null || length === size);
  }

  /** Whether it holds the bytes of the whole part. Throws when it holds others, and they are somebody's. */
  async holdsSame(part: string): Promise<boolean> {
    const { target, wanted } = this;
    if (wanted.overwrite || !(await isFile(target))) return false;
    if ((await markedAs(target, wanted.identity)) !== undefined) return false;
    if (await isSame(part, target)) return true;
    throw this.kept();
  }

  /** Throws when it can be told already that the file is another one, which must stay. */
  async assertReplaceable({ length }: Version): Promise<void> {
    const { target, wanted, marked, isExpected } = this;
    if (wanted.overwrite || marked !== undefined || isExpected || !(await isFile(target))) return;
    const isOther =
      isExpected === false || (length !== null && length !== (await stat(target)).size);
    if (isOther) throw this.kept();
  }

  private kept(): DownloadError {
    const { url } = this.wanted;
    return new DownloadError(`${this.target} is there already, and is not what ${url} gives`, {
      url,
      hint: "Use `overwrite: true` to replace it, or another `output`.",
    });
  }
}
