import type { HttpSession, Response } from "./http";

/** Where a file comes from. */
export interface DownloadSource {
  /** The address that the user asked for. */
  url: URL;
  /** The file's name where the server gives none. */
  fallbackName: string;
  /** Headers for the origin of `url` only. */
  secretHeaders?: Readonly<Record<string, string>>;
  /** Asks for the file: every page in between is this function's business. */
  open(session: HttpSession, headers: Readonly<Record<string, string>>): Promise<Response>;
}
