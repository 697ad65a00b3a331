// @ts-check
/** What cells write, in few messages: one for each line keeps Jupyter busy for seconds after a loop of thousands. */

/** Text waits so long for more, at most. */
const WAIT_MS = 50;

/** Gathers texts of one stream until another message is sent, or a moment has passed. */
export class Stream {
  text = "";
  name = "";
  sent = 0;
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
    if (Date.now() - this.sent >= WAIT_MS) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), WAIT_MS);
  }

  /** Sends what waits. */
  flush() {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { name, text } = this;
    this.text = "";
    this.sent = Date.now();
    if (text !== "") this.send(name, text);
  }
}
