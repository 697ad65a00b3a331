/** A server on 127.0.0.1 that says, byte for byte, what a script tells it: what Node's own server would never send. */
import net from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** A request, as far as scripts look at it. */
export interface Asked {
  path: string;
  /** First byte that a `Range` asks for. */
  from: number | undefined;
  /** How many requests came before. */
  turn: number;
}

/** What is sent: bytes in the order of the list, a wait in milliseconds, or how the connection ends. */
export type Piece = string | Buffer | number | "hang" | "reset";

/** A server that runs. */
export interface ScriptedServer {
  url: string;
  close(): Promise<void>;
}

/** Starts a server; the connection ends after the last piece. */
export async function startServer(
  answer: (asked: Asked) => readonly Piece[],
): Promise<ScriptedServer> {
  let turn = 0;
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
    let head = "";
    socket.on("data", (chunk) => {
      head += chunk.toString("latin1");
      if (!head.includes("\r\n\r\n")) return;
      const path = /^GET (\S+)/.exec(head)?.[1] ?? "";
      const from = /^range: bytes=(\d+)-/im.exec(head)?.[1];
      head = "";
      const asked = { path, from: from === undefined ? undefined : Number(from), turn: turn++ };
      void send(socket, answer(asked));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function send(socket: net.Socket, pieces: readonly Piece[]): Promise<void> {
  socket.setNoDelay(true);
  for (const piece of pieces) {
    if (socket.destroyed) return;
    if (piece === "hang") return;
    if (piece === "reset") {
      socket.resetAndDestroy();
      return;
    }
    if (typeof piece === "number") await wait(piece);
    else if (piece.length > 0) {
      await new Promise<void>((resolve) => socket.write(piece, "latin1", () => resolve()));
    }
  }
  socket.end();
}

/** The head of an answer. */
export function head(
  status: string,
  headers: Readonly<Record<string, string | number | readonly string[]>> = {},
): string {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each) => `${name}: ${each}`),
  );
  return [`HTTP/1.1 ${status}`, "connection: close", ...lines, "", ""].join("\r\n");
}

/** Bytes as chunks of a chunked answer, with the last empty one. */
export function chunked(bytes: Buffer, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const chunk = bytes.subarray(at, at + size);
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n"));
  }
  return Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
}
