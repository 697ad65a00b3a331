// @ts-check
/**
 * The thread that reads the control socket: it presses the stop button, and hands other messages on. It also ends a
 * kernel that nobody can reach any more, whatever the main thread does.
 */
import { createHmac, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import {
  INSIDE,
  OUTSIDE,
  PLACE,
  PRESSES,
  STOPPING,
  sendingTime,
  signalGroup,
} from "./stopButton.mjs";
import { requireOfTslab } from "./tslab.mjs";

/** @type {typeof import("zeromq")} */
const { Router } = requireOfTslab("zeromq");

const DELIMITER = "<IDS|MSG>";

/** How often to look whether the process that started this one is still there. */
const PARENT_MS = 1000;

/** How long a cell may take to be stopped by a signal, before it gets another: on a busy machine one was lost. */
const AGAIN_MS = 2000;

/** @type {{ shared: Int32Array, configPath: string }} */
const { shared, configPath } = workerData;
/** Signals so far: only the last one's cell is looked after. */
let stopping = 0;
const connection = JSON.parse(readFileSync(configPath, "utf8"));
const socket = new Router({ sendTimeout: 0, sendHighWaterMark: 0 });

parentPort?.on("message", (/** @type {{ frames?: (Uint8Array | string)[] }} */ { frames }) => {
  if (frames !== undefined) {
    socket.send(frames);
    return;
  }
  // The end.
  socket.close();
  parentPort?.close();
});
await socket.bind(`${connection.transport}://${connection.ip}:${connection.control_port}`);

endWithParent();

for await (const frames of socket) {
  const start = frames.findIndex((frame) => frame.toString() === DELIMITER);
  const [signature, header, ...rest] = frames.slice(start + 1);
  if (start < 0 || signature === undefined || header === undefined) continue;
  if (typeOf(header) !== "interrupt_request") {
    parentPort?.postMessage({ frames });
  } else if (signature.toString() === sign([header, ...rest])) {
    press(sendingTime(JSON.parse(header.toString())));
    await answer(frames.slice(0, start), header);
  }
}

/** @param {Buffer} header */
function typeOf(header) {
  try {
    return JSON.parse(header.toString()).msg_type;
  } catch {
    return undefined;
  }
}

/** @param {number} sentAt */
function press(sentAt) {
  const number = Atomics.add(shared, PRESSES, 1) + 1;
  if (Atomics.compareExchange(shared, PLACE, INSIDE, STOPPING) === INSIDE) signalUntilStopped();
  parentPort?.postMessage({ press: number, sentAt });
}

function signalUntilStopped() {
  try {
    signalGroup();
  } catch {
    Atomics.store(shared, PLACE, OUTSIDE);
    return;
  }
  const cell = ++stopping;
  const timer = setTimeout(() => {
    if (cell === stopping && Atomics.load(shared, PLACE) === STOPPING) signalUntilStopped();
  }, AGAIN_MS);
  timer.unref();
}

/**
 * @param {Buffer[]} identities
 * @param {Buffer} header Of the message to answer.
 */
async function answer(identities, header) {
  const { session, username, version } = JSON.parse(header.toString());
  const date = new Date().toISOString();
  const reply = { msg_id: randomUUID(), msg_type: "interrupt_reply", session, username, version };
  const parts = [JSON.stringify({ ...reply, date }), header.toString(), "{}", '{"status":"ok"}'];
  await socket.send([...identities, DELIMITER, sign(parts), ...parts]);
}

/** @param {(Buffer | string)[]} parts */
function sign(parts) {
  const hash = createHmac("sha256", connection.key);
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/**
 * Ends this process when the one that has started it is gone, such as a Jupyter server that was killed. Nobody else would,
 * and a cell may run for ever. Jupyter names the process by `JPY_PARENT_PID`.
 */
function endWithParent() {
  const parent = process.ppid;
  const named = Number(process.env.JPY_PARENT_PID ?? 0);
  const isThere = () => process.ppid === parent && (named === 0 || isRunning(named));
  if (!isThere()) return; // it was gone before, or is in another container
  const timer = setInterval(() => {
    if (isThere()) return;
    clearInterval(timer);
    signalGroup("SIGTERM");
    setTimeout(signalGroup, 2000, "SIGKILL"); // a cell may listen to the former
  }, PARENT_MS);
  timer.unref(); // it doesn't outlive the socket
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH";
  }
}
