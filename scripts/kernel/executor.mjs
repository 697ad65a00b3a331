// @ts-check
/** Runs cells, in the place of tslab's executor. */
import { createRequire } from "node:module";
import vm from "node:vm";
import { bindVariables } from "./bindings.mjs";
import { errorOf, interruption, typeErrors } from "./errors.mjs";
import { Modules } from "./modules.mjs";
import { namesOfValues } from "./names.mjs";
import { Interrupted, takeMessages } from "./stopButton.mjs";

const { getCodeMetadata } = createRequire(import.meta.url)("tslab/dist/metadata.js");

/**
 * What a cell has come to: an error, or the value of its last expression.
 * @typedef {{ error?: import("./errors.mjs").CellError, value?: unknown }} Outcome
 */

/** Where a running cell finds what it needs, since its code is a text of its own. */
const ENTRANCE = "__tslab__";

/** The method by which a value shows itself as a cell's last expression; see `lib/notebook/shown.ts`. */
const SHOW = Symbol.for("convnets.show");

export class Executor {
  /** The variables of all cells. @type {Record<string, unknown>} */
  locals = {};
  /** What cells have declared, as TypeScript. */
  declarations = "";
  modules = new Modules();

  /**
   * @param {string} folder The notebook's.
   * @param {any} converters tslab's.
   * @param {import("./stopButton.mjs").StopButton} button
   */
  constructor(folder, converters, button) {
    this.folder = folder;
    this.converters = converters;
    this.button = button;
    this.require = this.modules.requireFrom(folder);
  }

  /**
   * Runs a cell to its end.
   * @param {string} source
   * @returns {Promise<Outcome>}
   */
  async execute(source) {
    const { button } = this;
    const watch = button.start();
    try {
      const { module, mode } = getCodeMetadata(source);
      if (module) return this.addModule(module, source);
      if (mode === "browser") return {};
      const converted = this.converters.node.convert(this.declarations, source);
      if (converted.sideOutputs) this.modules.update(converted.sideOutputs);
      if (converted.diagnostics.length > 0) {
        return { error: typeErrors(converted.diagnostics) };
      }
      await takeMessages();
      if (watch.isPressed) return { error: interruption() };
      const cell = new RunningCell(this.locals);
      if (converted.output) await Promise.race([this.run(converted.output, cell), watch.pressed]);
      this.declarations = converted.declOutput || "";
      const { value } = cell;
      await Promise.race([show(value), watch.pressed]);
      return { value };
    } catch (error) {
      return { error: errorOf(error) };
    } finally {
      button.end();
    }
  }

  /**
   * @param {string} output The cell as JavaScript.
   * @param {RunningCell} cell
   * @returns {Promise<void>}
   */
  run(output, cell) {
    const { button, locals, require } = this;
    const earlier = namesOfValues(this.declarations);
    const text = bindVariables(output, (name) => earlier.has(name) && Object.hasOwn(locals, name));
    /** @typedef {(exports: object, require: NodeJS.Require, cell: RunningCell) => Promise<void>} Code */
    const enter = (/** @type {Code} */ code) => button.inside(() => code(locals, require, cell));
    Object.assign(globalThis, { [ENTRANCE]: enter });
    try {
      return vm.runInThisContext(
        `${ENTRANCE}(async function (exports, require, __cell) { ${text}\n})`,
        { breakOnSigint: true },
      );
    } catch (error) {
      const { code } = /** @type {NodeJS.ErrnoException} */ (error);
      const isStopped = error instanceof Interrupted || code === "ERR_SCRIPT_EXECUTION_INTERRUPTED";
      if (!isStopped) throw error;
      button.stopped();
      throw new Interrupted();
    } finally {
      button.listenAgain();
    }
  }

  /**
   * Takes a cell that is a module of its own, as its comment `@module` says.
   * @param {string} name
   * @param {string} source
   * @returns {Outcome}
   */
  addModule(name, source) {
    const meta = getCodeMetadata(source);
    const converter = this.converterOf(source);
    const { traceback } = typeErrors(converter.addModule(name, source, meta));
    // It is known whatever is wrong with it.
    for (const line of traceback) console.error(line);
    return {};
  }

  /** @param {string} source */
  converterOf(source) {
    const { browser, node } = this.converters;
    return getCodeMetadata(source).mode === "browser" ? browser : node;
  }

  /**
   * @param {string} source
   * @param {number} position
   */
  inspect(source, position) {
    return this.converterOf(source).inspect(this.declarations, source, position);
  }

  /**
   * @param {string} source
   * @param {number} position
   */
  complete(source, position) {
    return this.converterOf(source).complete(this.declarations, source, position);
  }

  /** A signal that somebody has sent. */
  interrupt() {
    this.button.signal();
  }

  close() {
    this.converters.close();
  }
}

/** @param {any} value The value of a cell's last expression. */
async function show(value) {
  if (typeof value?.[SHOW] === "function") await value[SHOW]();
  else if (value !== undefined && value !== null) console.log(value);
}

/** What the code of a cell sees as `__cell`. */
class RunningCell {
  /** The value of its last expression. @type {unknown} */
  value;

  /** @param {object} locals */
  constructor(locals) {
    this.locals = locals;
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
