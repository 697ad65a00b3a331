import type { Response, Session } from "./http";

/** Where a file comes from. */
export interface Source {
  /** The address that the user asked for. */
  url: URL;
  /** The file's name where the server gives none. */
  fallbackName: string;
  /** Headers for the origin of `url` only. */
  secretHeaders?: Readonly<Record<string, string>>;
  /** Asks for the file: every page in between is this function's business. */
  open(session: Session, headers: Readonly<Record<string, string>>): Promise<Response>;
}
