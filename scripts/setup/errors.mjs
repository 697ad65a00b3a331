// @ts-check

/** A step that can't go on: what happened, and what to do about it. */
export class StepError extends Error {
  /**
   * @param {string} message What happened.
   * @param {{ todo: string, details?: string, log?: string }} options `todo`: what the reader can do;
   *   `details`: the lines of output that say why; `log`: the file with all of it.
   */
  constructor(message, { todo, details, log }) {
    super(message);
    this.name = "StepError";
    this.todo = todo;
    this.details = details;
    this.log = log;
  }
}
