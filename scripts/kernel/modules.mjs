// @ts-check
/** What `import` in a cell loads: packages as Node does, TypeScript beside the notebook as tslab has compiled it. */
import Module, { createRequire } from "node:module";
import path from "node:path";
import { isLibrary, libraryFor } from "./ownLibrary.mjs";
import { addFile, originByMap } from "./places.mjs";
import { takeMaps } from "./sourceMaps.mjs";

const kernelRequire = createRequire(import.meta.url);

/** The modules of one notebook. */
export class Modules {
  /** Compiled files, by path. @type {Map<string, string>} */
  compiled = new Map();
  /** Those that are loaded. @type {Map<string, Module>} */
  loaded = new Map();

  /**
   * Takes files that are new or have changed; they are loaded when they are imported next.
   * @param {{ path: string, data: string }[]} files
   */
  update(files) {
    for (const file of files) {
      this.loaded.delete(file.path);
      this.compiled.set(file.path, file.data);
      addFile(file.path, takeMaps(file.data).map(originByMap));
    }
  }

  /**
   * `require` for code in a folder.
   * @param {string} folder
   */
  requireFrom(folder) {
    return this.extend(createRequire(path.join(folder, "src.js")), folder);
  }

  /**
   * @param {NodeJS.Require} require
   * @param {string} folder
   * @returns {NodeJS.Require}
   */
  extend(require, folder) {
    return new Proxy(require, {
      apply: (_target, that, args) => {
        const [id] = args;
        // The tslab that runs here, whichever one lies beside the notebook.
        if (id === "tslab") return kernelRequire("tslab");
        if (isLibrary(String(id))) return Reflect.apply(require, that, [libraryFor(id, folder)]);
        return this.load(path.join(folder, String(id))) ?? Reflect.apply(require, that, args);
      },
    });
  }

  /**
   * @param {string} file Its path, with or without an ending.
   * @returns {unknown}
   */
  load(file) {
    const name = path.extname(file) === "" ? `${file}.js` : file;
    const known = this.loaded.get(name);
    if (known !== undefined) return known.exports;
    const code = this.compiled.get(name);
    if (code === undefined) return undefined;
    const folder = path.dirname(name);
    /** @type {any} */
    const module = new Module(name);
    module.filename = name;
    module.paths = /** @type {any} */ (Module)._nodeModulePaths(folder);
    module.require = this.extend(module.require.bind(module), folder);
    this.loaded.set(name, module); // before it runs: modules may import each other
    try {
      module._compile(code, name);
    } catch (error) {
      this.loaded.delete(name);
      throw error;
    }
    return module.exports;
  }
}
