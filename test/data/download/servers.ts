/** Servers on 127.0.0.1 that behave as the network does: well, and in every other way. */
import { createHash } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

interface Request {
  path: string;
  headers: http.IncomingHttpHeaders;
}

export interface TestServer {
  url: string;
  /** What was asked, in order. */
  requests: Request[];
}

/** Starts a server that ends with the test. */
export async function serve(t: TestContext, handler: http.RequestListener): Promise<TestServer> {
  const requests: Request[] = [];
  const server = http.createServer((request, response) => {
    requests.push({ path: request.url ?? "", headers: request.headers });
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

export interface FileBehaviour {
  etag?: string | null;
  lastModified?: string;
  /** Ignores `Range`, as some servers do. Default `false`. */
  ignoresRange?: boolean;
  /** Answers a `Range` without looking at `If-Range`. Default `false`. */
  ignoresIfRange?: boolean;
  /** Breaks the connection after this many bytes of the answer. */
  cutAfter?: number;
  /** Sends no length. Default `false`. */
  chunked?: boolean;
  headers?: Record<string, string>;
}

/** Answers with a file as a careful server does, or with the named fault. */
export function sendFile(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  content: Buffer,
  behaviour: FileBehaviour = {},
): void {
  const { etag = `"${sha256(content).slice(0, 16)}"`, lastModified, cutAfter } = behaviour;
  const ifRange = request.headers["if-range"]?.toString();
  const isSame =
    behaviour.ignoresIfRange || ifRange === undefined || [etag, lastModified].includes(ifRange);
  const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
  const start = from === undefined || behaviour.ignoresRange || !isSame ? undefined : Number(from);
  const headers: http.OutgoingHttpHeaders = {
    "content-type": "application/octet-stream",
    ...(etag === null ? {} : { etag }),
    ...(lastModified === undefined ? {} : { "last-modified": lastModified }),
    ...behaviour.headers,
  };
  if (start !== undefined && start >= content.length) {
    response.writeHead(416, { ...headers, "content-range": `bytes */${content.length}` }).end();
    return;
  }
  const body = content.subarray(start ?? 0);
  if (start !== undefined) {
    headers["content-range"] = `bytes ${start}-${content.length - 1}/${content.length}`;
  }
  if (!behaviour.chunked) headers["content-length"] = body.length;
  response.writeHead(start === undefined ? 200 : 206, headers);
  if (cutAfter === undefined || cutAfter >= body.length) {
    response.end(body);
  } else if (cutAfter === 0) {
    response.flushHeaders();
    response.socket?.end();
  } else {
    // Ended, not destroyed: the bytes that were sent do arrive.
    response.write(body.subarray(0, cutAfter), () => response.socket?.end());
  }
}

/** Bytes that look like nothing else, the same for the same seed. */
export function bytes(length: number, seed = 1): Buffer {
  const content = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    content[i] = state >>> 24;
  }
  return content;
}

export function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

export function md5(content: Uint8Array): string {
  return createHash("md5").update(content).digest("hex");
}
