// @ts-check
/** The messages that a running cell sends, and the order in which cells run. */
import jupyter from "tslab/dist/jupyter.js";
import { textOf, written } from "./errors.mjs";
import { Interrupted, sendingTime, startControl, takeMessages } from "./stopButton.mjs";
import { Stream } from "./stream.mjs";

/** @typedef {(type: string, content: object) => void} Publish */
/** @typedef {{ code: string, sentAt: number, silent?: boolean, store_history?: boolean, stop_on_error?: boolean }} Request */

/** A cell that waits for those before it. */
class Place {
  isAborted = false;
}

const handler = /** @type {any} */ (jupyter.JupyterHandlerImpl.prototype);
const server = /** @type {any} */ (jupyter.ZmqServer.prototype);

/** Where the cell that runs now, or ran last, writes. @type {Publish | undefined} */
let newest;
/** Where a promise that a cell ended with was made. @type {WeakMap<object, Publish>} */
const madeIn = new WeakMap();

/**
 * Mends tslab's server.
 * @param {import("./stopButton.mjs").StopButton} button
 * @param {string} configPath Jupyter's connection file.
 */
export function mendServer(button, configPath) {
  const control = startControl(button, configPath);
  const { bindSocket, close } = server;

  // tslab doesn't wait until a message is sent. Now and then zeromq needs a turn of the event loop before it goes on
  // (after 512 messages at the latest), and refuses what is sent until then: a cell's text, which `console.log` drops
  // without a word, a figure, or the news that the cell has ended. And libzmq drops the messages of a cell that is
  // more than a thousand ahead of its reader. So everything is sent at once here, and waits as long as it has to.
  server.bindSocket = async function (/** @type {any} */ socket, /** @type {number} */ port) {
    Object.assign(socket, { sendTimeout: 0, sendHighWaterMark: 0 });
    if (socket !== this.control) return bindSocket.call(this, socket, port);
    control.on("message", ({ press, sentAt, frames }) => {
      if (press !== undefined) button.press(press, sentAt);
      if (frames === undefined) return;
      const answer = {
        send: (/** @type {unknown[]} */ parts) => control.postMessage({ frames: parts }),
      };
      this.handleShellMessage(answer, ...frames.map(Buffer.from));
    });
  };
  server.close = function () {
    close.call(this);
    control.ref(); // until its socket is closed, too
    control.postMessage({});
  };
  server.handleExecute = handleExecute;
  server.handleCommInfoRequest = handleCommInfoRequest;
  handler.runCell = runCell;
}

/**
 * @this {any}
 * @param {any} socket
 * @param {any} message
 */
async function handleExecute(socket, message) {
  const { key } = this.connInfo;
  const send = (/** @type {string} */ type, /** @type {object} */ content) => {
    const sent = message.createReply();
    sent.header.msg_type = type;
    sent.content = content;
    sent.signAndSend(key, this.iopub);
  };
  const stream = new Stream((name, text) => send("stream", { name, text: written(text) }));
  const publish = (/** @type {string} */ type, /** @type {any} */ content) => {
    if (type === "stream") {
      stream.write(content.name, content.text);
    } else {
      stream.flush();
      send(type, content);
    }
  };
  const request = { ...message.content, sentAt: sendingTime(message.header) };
  const content = await this.handler.runCell(request, publish, this.shell);
  stream.close();
  const reply = message.createReply();
  reply.header.msg_type = "execute_reply";
  reply.content = content;
  reply.signAndSend(key, socket);
}

/**
 * @this {any}
 * @param {any} socket
 * @param {any} message
 */
function handleCommInfoRequest(socket, message) {
  const reply = message.createReply();
  reply.header.msg_type = "comm_info_reply";
  reply.content = { status: "ok", comms: {} };
  reply.signAndSend(this.connInfo.key, socket);
}

/**
 * Runs a cell after those that were sent before it; when one fails, those that wait at that time are given up, and
 * those that are sent later run.
 * @this {any}
 * @param {Request} request
 * @param {Publish} publish
 * @param {{ readable: boolean }} shell
 */
async function runCell(request, publish, shell) {
  /** @type {Set<Place>} */
  this.places ??= new Set();
  const place = new Place();
  this.places.add(place);
  const before = this.last;
  let leave = () => {};
  this.last = new Promise((resolve) => {
    leave = () => resolve(undefined);
  });
  try {
    await before;
    if (place.isAborted) return { status: "aborted" };
    const reply = await execute.call(this, request, publish);
    if (reply.status === "error" && request.stop_on_error !== false) {
      // What had been sent may not have been read.
      do await takeMessages();
      while (shell.readable);
      for (const each of this.places) each.isAborted = true;
    }
    return reply;
  } finally {
    this.places.delete(place);
    leave();
  }
}

/**
 * @this {any}
 * @param {Request} request
 * @param {Publish} publish
 */
async function execute(request, publish) {
  const { code, sentAt, silent = false, store_history = !silent } = request;
  const write = (/** @type {string} */ name, /** @type {string} */ text) =>
    publish("stream", { name, text });
  // What a cell writes after its end still goes to it, until the next one starts.
  const { stdout, stderr } = process;
  stdout.write = callingBack(this.createWriteToIopub("stdout", write));
  stderr.write = callingBack(this.createWriteToIopub("stderr", write));
  /** @type {any} */ (jupyter).lastWriteDisplayData = (
    /** @type {object} */ content,
    /** @type {boolean} */ isUpdate,
  ) => publish(isUpdate ? "update_display_data" : "display_data", content);
  newest = publish;
  if (store_history && !silent) this.execCount++;
  const counted = { execution_count: this.execCount };
  if (!silent) publish("execute_input", { code, ...counted });
  const { error, value } = await this.executor.execute(code, {
    count: silent ? 0 : this.execCount,
    sentAt,
  });
  await settle(value, publish);
  const rest = { ...counted, user_expressions: {}, payload: [] };
  if (error === undefined) return { status: "ok", ...rest };
  if (!silent) publish("error", error);
  return { status: "error", ...error, ...rest };
}

/**
 * tslab forgets who waits until a text is written.
 * @param {(text: string | Uint8Array) => boolean} write
 * @returns {any}
 */
function callingBack(write) {
  return (
    /** @type {any} */ text,
    /** @type {any} */ encoding,
    /** @type {any} */ done = encoding,
  ) => {
    const named = /** @type {BufferEncoding | undefined} */ (
      typeof encoding === "string" ? encoding : undefined
    );
    const result = write(named === undefined ? text : Buffer.from(text, named));
    if (typeof done === "function") process.nextTick(done);
    return result;
  };
}

/** How long a cell that ends in a promise waits whether it is rejected at once. */
const PROMISE_MS = 50;

/**
 * Waits for what a cell has started without `await` and what fails at once, so that the news belongs to the cell.
 * @param {unknown} value The cell's last.
 * @param {Publish} publish
 */
async function settle(value, publish) {
  await takeMessages();
  if (!(value instanceof Promise)) return;
  madeIn.set(value, publish);
  await new Promise((resolve) => setTimeout(resolve, PROMISE_MS));
}

/** Tells of failures that no cell waits for. */
export function tellOfFailures() {
  for (const event of ["uncaughtException", "unhandledRejection"])
    process.removeAllListeners(event);
  process.on("uncaughtException", (error) => tell(newest, `UncaughtException: ${textOf(error)}`));
  process.on("unhandledRejection", (reason, promise) => {
    if (reason instanceof Interrupted) return; // what a stopped cell has started, and didn't wait for
    const hint = "No cell waits for this promise: write `await` before the call that returned it.";
    const text = `UnhandledPromiseRejection: ${textOf(reason)}\n${hint}`;
    tell(madeIn.get(promise) ?? newest, text);
  });
}

/**
 * @param {Publish | undefined} publish
 * @param {string} text
 */
function tell(publish, text) {
  if (publish === undefined) process.stderr.write(`${text}\n`);
  else publish("stream", { name: "stderr", text: `${text}\n` });
}
