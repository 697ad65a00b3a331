// @ts-check
/** Runs cells, in the place of tslab's executor. */
import { createRequire } from "node:module";
import vm from "node:vm";
import { bindVariables } from "./bindings.mjs";
import { keepNamespaces, namesOfValues } from "./declarations.mjs";
import { errorOf, interruption, typeErrors } from "./errors.mjs";
import { Modules } from "./modules.mjs";
import { addCell, cellName, originByMap } from "./places.mjs";
import { RunningCell } from "./runningCell.mjs";
import { plainSource } from "./source.mjs";
import { takeMaps } from "./sourceMaps.mjs";
import { Interrupted, takeMessages } from "./stopButton.mjs";

const { getCodeMetadata } = createRequire(import.meta.url)("tslab/dist/metadata.js");

/**
 * What a cell has come to: an error, or the value of its last expression.
 * @typedef {{ error?: import("./errors.mjs").CellError, value?: unknown }} Outcome
 */

/** Where a cell is entered: what a signal may stop must be a text of its own. */
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
   * @param {{ count: number, sentAt: number }} request Its execution count; when it was sent, in milliseconds.
   * @returns {Promise<Outcome>}
   */
  async execute(source, { count, sentAt }) {
    const { button } = this;
    const watch = button.start(sentAt);
    try {
      const { module, mode } = getCodeMetadata(source);
      if (module) return this.addModule(module, source);
      if (mode === "browser") return {};
      const converted = this.converters.node.convert(this.declarations, plainSource(source));
      if (converted.sideOutputs) this.modules.update(converted.sideOutputs);
      if (converted.diagnostics.length > 0) {
        return { error: typeErrors(converted.diagnostics) };
      }
      await takeMessages();
      if (watch.isPressed) return { error: interruption() };
      const cell = new RunningCell(this);
      if (converted.output) {
        await Promise.race([this.run(converted.output, cell, count), watch.pressed]);
      }
      this.declarations = keepNamespaces(converted.declOutput || "", this.declarations);
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
   * @param {number} count
   * @returns {Promise<void>}
   */
  run(output, cell, count) {
    const { button, folder, locals, require } = this;
    const earlier = namesOfValues(this.declarations);
    const { text, helpers, origin } = bindVariables(
      output,
      (name) => earlier.has(name) && Object.hasOwn(locals, name),
    );
    addCell(count, [origin, ...takeMaps(output).map(originByMap)]);
    const before = `${helpers}(async function (exports, require, __cell, __dirname) {\n`;
    const code = vm.runInThisContext(`${before}${text}\n})`, {
      filename: cellName(count),
      lineOffset: 1 - before.split("\n").length,
    });
    const enter = () => button.inside(() => code(locals, require, cell, folder));
    Object.assign(globalThis, { [ENTRANCE]: enter });
    try {
      return vm.runInThisContext(`${ENTRANCE}()`, { breakOnSigint: true, filename: "node:cell" });
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
    return this.converterOf(source).inspect(this.declarations, plain(source), position);
  }

  /**
   * @param {string} source
   * @param {number} position
   */
  complete(source, position) {
    return this.converterOf(source).complete(this.declarations, plain(source), position);
  }

  /** A signal that somebody has sent. */
  interrupt() {
    this.button.signal();
  }

  close() {
    this.converters.close();
  }
}

/**
 * A cell that is being typed.
 * @param {string} source
 */
function plain(source) {
  try {
    return plainSource(source);
  } catch {
    return source;
  }
}

/** @param {any} value The value of a cell's last expression. */
async function show(value) {
  if (typeof value?.[SHOW] === "function") await value[SHOW]();
  else if (value !== undefined && value !== null) console.log(value);
}
