import { ConvnetsError } from "../../errors";

/** A download that ended without the whole, right file. */
export class DownloadError extends ConvnetsError {
  /** The address that was asked for, without credentials. */
  readonly url: string;
  /** The HTTP status of the refusing answer; `undefined` when there was no answer. */
  readonly status: number | undefined;

  constructor(
    message: string,
    options: { url: string; status?: number; hint?: string; cause?: unknown },
  ) {
    super(message, options);
    this.url = options.url;
    this.status = options.status;
  }
}

/** The file arrived, but it is not the file that was expected. */
export class ChecksumError extends DownloadError {}

/** A fault that may pass: a cut connection, a stall, a busy server. Never leaves the room. */
export class TransientError extends DownloadError {
  /** How long the server asked us to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The connection was open and (almost) nothing came. */
  readonly stalled: boolean;
  /** Why no answer came, in a few words; `undefined` when one came. */
  readonly fault: string | undefined;

  constructor(
    message: string,
    options: ConstructorParameters<typeof DownloadError>[1] & {
      retryAfterMs?: number;
      stalled?: boolean;
      fault?: string;
    },
  ) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs;
    this.stalled = options.stalled ?? false;
    this.fault = options.fault;
  }
}

/** An address fit for messages: no user name, no password, and none of the signatures that live in queries. */
export function printableUrl(url: string | URL): string {
  const { origin, pathname, searchParams } = new URL(url);
  const id = searchParams.get("id");
  return `${origin}${pathname}${id === null ? "" : `?id=${encodeURIComponent(id)}`}`;
}
