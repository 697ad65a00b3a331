// @ts-check
/**
 * The stop button.
 *
 * A press comes as a message on the control socket, which a thread of its own reads (`control.mjs`): no press is lost
 * while the main thread compiles or computes. The part of a cell up to its first `await` is ended by a signal, which
 * Node makes an exception of; but just before and after, the same signal would end the process. So the thread sends it
 * only while the cell says that it is inside, and the cell doesn't leave before a signal that is on its way.
 */
import { Worker } from "node:worker_threads";

/** What the two threads share: where the cell is, and how often the button was pressed. */
export const PLACE = 0;
export const PRESSES = 1;

export const OUTSIDE = 0;
export const INSIDE = 1;
/** Inside, and a signal is on its way. */
export const STOPPING = 2;

/** How long a press waits for its cell: they come by two sockets, and one may overtake the other. */
const OVERTAKING_MS = 500;

/** Thrown where a cell was stopped. */
export class Interrupted extends Error {}

/** Lets messages and signals that have arrived be dealt with. */
export async function takeMessages() {
  // The first comes before what has arrived meanwhile is looked at.
  for (let i = 0; i < 2; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** One press, as one cell sees it. */
class Watch {
  isPressed = false;
  press = () => {};
  /** Rejects when the button is pressed. @type {Promise<never>} */
  pressed = new Promise((_, reject) => {
    this.press = () => {
      this.isPressed = true;
      reject(new Interrupted());
    };
  });

  constructor() {
    this.pressed.catch(() => {}); // nobody may be waiting
  }
}

export class StopButton {
  shared = new Int32Array(new SharedArrayBuffer(8));
  /** Presses that have been dealt with. */
  done = 0;
  /** The cell that runs. @type {Watch | undefined} */
  watch;
  /** The last press that met no cell: when it was sent, and until when it waits. */
  early = { sentAt: Number.NaN, end: 0 };
  /** Whether the next signal is one that we have sent. */
  isOwnSignal = false;

  /**
   * Begins to watch for a cell.
   * @param {number} sentAt When it was sent, in milliseconds; NaN when that isn't known.
   */
  start(sentAt) {
    this.watch = new Watch();
    if (sentAt <= this.early.sentAt && Date.now() < this.early.end) this.watch.press();
    return this.watch;
  }

  end() {
    this.watch = undefined;
  }

  /**
   * Runs the part of a cell up to its first `await`; must be called where Node turns SIGINT into an exception.
   * @template T
   * @param {() => T} part
   * @returns {T}
   */
  inside(part) {
    Atomics.store(this.shared, PLACE, INSIDE);
    try {
      if (Atomics.load(this.shared, PRESSES) !== this.done) throw new Interrupted();
      return part();
    } finally {
      if (Atomics.compareExchange(this.shared, PLACE, INSIDE, OUTSIDE) === STOPPING) this.await();
    }
  }

  /**
   * Waits for the signal, which ends the loop.
   * @returns {never}
   */
  await() {
    const end = Date.now() + 500;
    while (Date.now() < end);
    // It went to a listener that the cell has added.
    throw new Interrupted();
  }

  /**
   * Puts listeners of SIGINT back to work: when Node ends the part of a cell that a signal may stop, a signal ends the
   * process, whoever has begun to listen in that part.
   */
  listenAgain() {
    const listeners = process.rawListeners("SIGINT");
    process.removeAllListeners("SIGINT");
    for (const listener of listeners) process.on("SIGINT", /** @type {any} */ (listener));
  }

  /** Says that a cell was stopped before its first `await`. */
  stopped() {
    Atomics.store(this.shared, PLACE, OUTSIDE);
    this.done = Atomics.load(this.shared, PRESSES);
  }

  /**
   * A press that the other thread has told.
   * @param {number} press Its number.
   * @param {number} sentAt When it was sent, in milliseconds; NaN when that isn't known.
   */
  async press(press, sentAt) {
    if (press <= this.done) return;
    // The cell that it means may be waiting to be read.
    for (let i = 0; i < 2 && this.watch === undefined; i++) await takeMessages();
    if (press <= this.done) return;
    this.done = press;
    if (this.watch) this.watch.press();
    else this.early = { sentAt, end: Date.now() + OVERTAKING_MS };
    // Whoever listens stops, what earlier cells have left running too; and so do processes that were started.
    this.isOwnSignal = true;
    signalGroup();
  }

  /** A signal that somebody has sent to this process. */
  signal() {
    if (this.isOwnSignal) this.isOwnSignal = false;
    else this.watch?.press();
  }
}

/**
 * @param {{ date?: string }} header Of a message.
 * @returns {number} When it was sent, in milliseconds; NaN when it doesn't say.
 */
export function sendingTime({ date }) {
  return Date.parse(date ?? "");
}

/**
 * Sends a signal to this process and those that it has started, as Jupyter does by itself for other kernels.
 * @param {NodeJS.Signals} [signal]
 */
export function signalGroup(signal = "SIGINT") {
  try {
    process.kill(-process.pid, signal);
  } catch {
    process.kill(process.pid, signal); // the group is not ours
  }
}

/**
 * Starts the thread that reads the control socket.
 * @param {StopButton} button
 * @param {string} configPath Jupyter's connection file.
 */
export function startControl(button, configPath) {
  const worker = new Worker(new URL("./control.mjs", import.meta.url), {
    workerData: { shared: button.shared, configPath },
  });
  worker.unref();
  return worker;
}
