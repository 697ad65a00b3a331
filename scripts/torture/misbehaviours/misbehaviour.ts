import type { DownloadFileOptions } from "../../../lib/index";
import { type Asked, head, type Piece } from "../scriptedServer";

/** What a script knows. */
export interface Scene {
  /** The file that is wanted. */
  file: Buffer;
  etag: string;
  /** Where the honest beginning ends, where there is one. */
  cut: number;
  /** The server's own address. */
  url: string;
}

/** One way in which a server doesn't do what it should. */
export interface Misbehaviour {
  name: string;
  /** What must come of it: the right file, an error, or one of the two. Never anything else. */
  ends: "right" | "error" | "either";
  answer(asked: Asked, scene: Scene): readonly Piece[];
  /** The first answer is honest and breaks off; this one is to the request for the rest. */
  resumed?: true;
  /** Nothing but a hash tells. */
  needsHash?: true;
  options?: DownloadFileOptions;
}

const TYPE = { "content-type": "application/octet-stream" } as const;

/** The answer of a careful server, and the variations of it. */
export function honest({ from }: Asked, { file, etag }: Scene): readonly Piece[] {
  if (from === undefined || from >= file.length) return whole({ file, etag });
  const range = `bytes ${from}-${file.length - 1}/${file.length}`;
  return partial(file.subarray(from), { etag, "content-range": range });
}

/** An answer with the whole file. */
export function whole(
  { file, etag }: Pick<Scene, "file" | "etag">,
  headers: Readonly<Record<string, string | number>> = {},
): readonly Piece[] {
  return [head("200 OK", { ...TYPE, etag, "content-length": file.length, ...headers }), file];
}

/** An answer with a piece of it. */
export function partial(
  bytes: Buffer,
  headers: Readonly<Record<string, string | number>>,
): readonly Piece[] {
  const length = { "content-length": bytes.length };
  return [head("206 Partial Content", { ...TYPE, ...length, ...headers }), bytes];
}

/** The same answer in other words of the head. */
export function just(status: string, body = "", headers = {}): readonly Piece[] {
  return [head(status, { "content-length": Buffer.byteLength(body), ...headers }), body];
}
