/** Serves folders on localhost, as a site does. */
import { createReadStream, existsSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";

/** A server of files. */
export interface FileServer {
  url: string;
  close(): Promise<void>;
}

const types: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
};

/**
 * Serves a folder.
 *
 * @param folder The folder.
 * @param others Files from elsewhere, by their names on the site.
 */
export async function serveFiles(
  folder: string,
  others: Record<string, string> = {},
): Promise<FileServer> {
  const server = http.createServer((request, response) => {
    const name = new URL(request.url!, "http://localhost").pathname.slice(1);
    const file = others[name] ?? path.join(folder, path.normalize(`/${name}`));
    if (!existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    const type = types[path.extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { "Content-Type": type });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
