/** One line of output that updates in place while something runs. */

/** A line that changes until it is finished. */
export interface LiveLine {
  /** Replaces the line's text; calls that come too fast are dropped, the last one is always shown by `finish`. */
  update(text: string): void;
  /** Shows the final text (the last `update` when left out) and keeps it. */
  finish(text?: string): void;
}

/** Opens a live line in the current output: terminal, pipe or notebook cell. */
export function openLiveLine(): LiveLine {
  let last = "";
  return {
    update(text) {
      last = text;
      if (process.stdout.isTTY) process.stdout.write(`\r\x1b[2K${text}`);
    },
    finish(text = last) {
      process.stdout.write(process.stdout.isTTY ? `\r\x1b[2K${text}\n` : `${text}\n`);
    },
  };
}
