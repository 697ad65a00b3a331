// @ts-check
/** Processes of this machine that train together: started together, ended together. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { constants } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** How long a process that is told to end may take for it. */
const GRACE_MS = 3000;

const worker = fileURLToPath(new URL("./worker.mjs", import.meta.url));

/**
 * Runs a script in several processes until all have ended. Each line of their output has the process' number before it.
 * When one fails, or this process is told to end, all are ended.
 * @param {number} count
 * @param {readonly string[]} script The script's file, and what it is given.
 * @param {{ out?: NodeJS.WritableStream, err?: NodeJS.WritableStream }} [options] Where lines go; to this process' own
 *   output by default.
 * @returns {Promise<number>} The exit code of the process that failed first, as a shell has it; 0 when none did.
 */
export async function runWorkers(
  count,
  script,
  { out = process.stdout, err = process.stderr } = {},
) {
  const ports = await freePorts(count);
  const addresses = ports.map((port) => `127.0.0.1:${port}`);
  const children = addresses.map((_, index) => {
    const task = { type: "worker", index };
    const TfConfig = JSON.stringify({ cluster: { worker: addresses }, task });
    const child = spawn(process.execPath, [worker, ...script], {
      env: { ...process.env, TF_CONFIG: TfConfig },
      stdio: ["ignore", "pipe", "pipe"],
    });
    passOn(child.stdout, `[${index}] `, out);
    passOn(child.stderr, `[${index}] `, err);
    return child;
  });

  let code = 0;
  /** @type {NodeJS.Timeout | undefined} */
  let grace;
  /** @param {NodeJS.Signals} signal */
  const endAll = (signal) => {
    for (const child of children) child.kill(signal);
    grace ??= setTimeout(() => {
      for (const child of children) child.kill("SIGKILL");
    }, GRACE_MS);
  };
  /** @type {NodeJS.SignalsListener} */
  const stop = (signal) => {
    code ||= codeOf(null, signal);
    endAll(signal);
  };
  const signals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
  for (const signal of signals) process.on(signal, stop);
  try {
    await Promise.all(
      children.map(async (child, index) => {
        const [status, signal] = await once(child, "close");
        const own = codeOf(status, signal);
        if (own === 0 || code !== 0) return;
        code = own;
        err.write(`Worker ${index} has ended with ${signal ?? own}: the others are ended, too.\n`);
        endAll("SIGTERM");
      }),
    );
  } finally {
    clearTimeout(grace);
    for (const signal of signals) process.off(signal, stop);
  }
  return code;
}

/**
 * An exit code as a shell has it.
 * @param {number | null} status
 * @param {NodeJS.Signals | null} signal
 */
function codeOf(status, signal) {
  return status ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

/**
 * Ports that nobody listens on: held all at once, so that they differ.
 * @param {number} count
 */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

/**
 * Writes what comes line by line, so that lines of several processes stay whole.
 * @param {import("node:stream").Readable} from
 * @param {string} prefix
 * @param {NodeJS.WritableStream} to
 */
function passOn(from, prefix, to) {
  createInterface({ input: from }).on("line", (line) => to.write(`${prefix}${line}\n`));
}
