// @ts-check
/** What the code of a cell needs of the kernel. */
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Interrupted } from "./stopButton.mjs";

/** What the code of a cell sees as `__cell`. */
export class RunningCell {
  /** The value of its last expression. @type {unknown} */
  value;

  /** @param {Pick<import("./executor.mjs").Executor, "locals" | "require" | "button" | "folder">} executor */
  constructor({ locals, require, button, folder }) {
    this.locals = locals;
    this.require = require;
    this.button = button;
    /** What `import.meta` has: cells have no file, their folder has an address. */
    this.meta = { url: pathToFileURL(path.join(folder, "/")).href, dirname: folder };
  }

  /** What the stop button would stop now. */
  get watch() {
    return this.button.watch;
  }

  /**
   * Goes on after an `await`, unless the cell was stopped meanwhile.
   * @template T
   * @param {{ isPressed: boolean } | undefined} watch
   * @param {T} value
   */
  go(watch, value) {
    if (watch?.isPressed) throw new Interrupted();
    return value;
  }

  /**
   * What `for await` goes over.
   * @param {AsyncIterable<unknown>} values
   */
  async *each(values) {
    let { watch } = this;
    for await (const value of values) {
      yield this.go(watch, value);
      ({ watch } = this);
    }
  }

  /**
   * `import(…)`: what a module exports; of one in CommonJS its names and, as `default`, all of it.
   * @param {unknown} name
   */
  async import(name) {
    const text = String(name);
    const module = this.require(text.startsWith("file:") ? fileURLToPath(text) : text);
    if (module?.__esModule) return module;
    const names = typeof module === "object" || typeof module === "function" ? module : {};
    return { ...names, default: module };
  }

  /**
   * Makes a variable of an import: what the module exports now, until a cell gives the name to something else.
   * @param {string} name
   * @param {{ get: () => unknown }} imported
   */
  alias(name, { get }) {
    const { locals } = this;
    const set = (/** @type {unknown} */ value) => {
      const writable = { value, writable: true, enumerable: true, configurable: true };
      Object.defineProperty(locals, name, writable);
    };
    Object.defineProperty(locals, name, { get, set, enumerable: true, configurable: true });
  }
}
