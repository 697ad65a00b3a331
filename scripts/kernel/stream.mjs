// @ts-check
/** What cells write, in few messages: one for each line keeps Jupyter busy for seconds after a loop of thousands. */

/** Text waits so long for more, at most. */
const WAIT_MS = 50;
/** So many texts are sent at once, so that what stands before a long computation, or before the end of the process, is
 * seen; what comes faster waits. */
const AT_ONCE = 20;

/** Sends single texts as they come; gathers those of a burst until another message is sent, or a moment has passed. */
export class Stream {
  text = "";
  name = "";
  /** When text was last sent. */
  sent = 0;
  /** How many texts have come without a pause. */
  burst = 0;
  isClosed = false;
  /** @type {NodeJS.Timeout | undefined} */
  timer;

  /** @param {(name: string, text: string) => void} send */
  constructor(send) {
    this.send = send;
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  write(name, text) {
    if (name !== this.name) this.flush();
    this.name = name;
    this.text += text;
    // A loop that never awaits is seen, too.
    if (Date.now() - this.sent >= WAIT_MS) this.burst = 0;
    if (this.isClosed || this.burst++ < AT_ONCE) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), WAIT_MS);
  }

  /** Sends what waits. */
  flush() {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { name, text } = this;
    if (text === "") return;
    this.text = "";
    this.sent = Date.now();
    this.send(name, text);
  }

  /** Ends the gathering: what comes after a cell's end must not come after the next one's beginning. */
  close() {
    this.flush();
    this.isClosed = true;
  }
}
