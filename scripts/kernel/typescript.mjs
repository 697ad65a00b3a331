// @ts-check
/** The TypeScript that tslab compiles cells with, and what is put right in it. */
import { existsSync } from "node:fs";
import path from "node:path";
import { replaceCompiler, ts } from "./compiler.mjs";
import { getPreEmitDiagnosticsOfFiles } from "./diagnostics.mjs";
import { isCell } from "./names.mjs";
import { isLibrary, ownFile } from "./ownLibrary.mjs";
import { transpileModule } from "./sourceMaps.mjs";
import { requireOfTslab } from "./tslab.mjs";

const nowhere = /** @type {any} */ (ts).getNullTransformationContext();

/** The property of `__cell` that a cell's last expression is assigned to. */
const LAST_VALUE = "value";

/** Gives tslab a TypeScript that is mended; must come before tslab is loaded. */
export function mendTypeScript() {
  /** @type {any} */
  const mended = {
    ...ts,
    createWatchCompilerHost,
    createWatchProgram,
    getPreEmitDiagnosticsOfFiles,
    transpileModule,
  };
  replaceCompiler(mended);
}

/**
 * TypeScript has two timers, for a program that is stale and for imports that were not found; tslab knows one, and fails
 * each cell after a package or file has appeared. Here both wait in a queue, which is one timer to tslab.
 * @param {string[]} files
 * @param {import("@tslab/typescript-for-tslab").CompilerOptions} options
 * @param {any} system
 * @param {any[]} rest
 */
function createWatchCompilerHost(files, options, system, ...rest) {
  const { setTimeout, readFile } = system;
  /** @type {Set<() => void>} */
  const waiting = new Set();
  let armed = false;
  const runAll = () => {
    for (const timer of waiting) {
      waiting.delete(timer);
      timer();
    }
    armed = false;
  };
  system.setTimeout = (
    /** @type {(...args: any[]) => void} */ callback,
    /** @type {number} */ _ms,
    /** @type {any[]} */ ...args
  ) => {
    const timer = () => callback(...args);
    waiting.add(timer);
    if (!armed) {
      armed = true;
      setTimeout(runAll);
    }
    return timer;
  };
  system.clearTimeout = (/** @type {() => void} */ timer) => waiting.delete(timer);
  // tslab exports a cell's names as TypeScript keeps them: those that begin with two underscores have a third.
  system.readFile = (/** @type {string} */ name, /** @type {any[]} */ ...args) => {
    const text = readFile(name, ...args);
    if (!isCell({ fileName: name })) return text;
    // And what `declare global` stands for has a name like that.
    return text?.replace(/\nexport \{[^{}]*\}$/, (/** @type {string} */ names) =>
      names.replace(/(?<![\w$])__global\b,?/, "").replace(/(?<![\w$])_(?=__)/g, ""),
    );
  };
  const create = /** @type {any} */ (ts.createWatchCompilerHost);
  const lib = [...(options.lib ?? []), "lib.es2023.d.ts"]; // which each Node has that we run on
  const typeRoots = withNode(options.typeRoots ?? []);
  return create(files, { ...options, lib, typeRoots, inlineSourceMap: true }, system, ...rest);
}

/**
 * Folders of types, among them Node's: tslab looks for them in its own folder, where few package managers put them.
 * @param {string[]} folders
 */
function withNode(folders) {
  const hasNode = (/** @type {string} */ folder) => existsSync(path.join(folder, "node"));
  if (folders.some(hasNode)) return folders;
  const types = requireOfTslab.resolve("@types/node/package.json");
  return [...folders, path.resolve(types, "../..")];
}

/**
 * Takes the place of tslab's changes to a cell: it wraps names of earlier cells one by one, and misses shorthand
 * properties. Names are bound later, in `bindings.mjs`; here the last expression is kept, and nothing else.
 * @param {any} host
 */
function createWatchProgram(host) {
  findWhatAppears(host);
  const { afterProgramCreate } = host;
  host.afterProgramCreate = (/** @type {any} */ builder) =>
    afterProgramCreate(
      Object.create(builder, {
        emit: {
          value: (/** @type {any[]} */ ...[source, write, token, only, transformers]) => {
            const { afterDeclarations } = transformers;
            if (!isCell(source))
              return builder.emit(source, write, token, only, { afterDeclarations });
            const changed = {
              after: [keepLastValue, useCell],
              afterDeclarations: [...afterDeclarations, nameModules],
            };
            // Forced: declarations are written even where a type has a name that can't be imported.
            return builder.getProgram().emit(source, write, token, only, changed, true);
          },
        },
      }),
    );
  return ts.createWatchProgram(host);
}

/** @returns {(file: import("@tslab/typescript-for-tslab").SourceFile) => any} */
function keepLastValue() {
  return (source) => {
    const { factory, isExportDeclaration, isExpressionStatement } = ts;
    const { statements } = source;
    let last = statements.length - 1;
    while (last >= 0 && isExportDeclaration(/** @type {any} */ (statements[last]))) last--;
    const statement = statements[last];
    if (statement === undefined || !isExpressionStatement(statement)) return source;
    const place = factory.createPropertyAccessExpression(
      factory.createIdentifier("__cell"),
      LAST_VALUE,
    );
    const kept = factory.createExpressionStatement(
      factory.createAssignment(place, statement.expression),
    );
    return factory.updateSourceFile(source, [
      ...statements.slice(0, last),
      kept,
      ...statements.slice(last + 1),
    ]);
  };
}

/**
 * What a cell does by its own methods: `import(…)`, for which TypeScript would need a `Promise`, which may be a variable;
 * `import.meta`, which CommonJS doesn't have; and `await`, after which a cell that was stopped must not go on.
 * @param {any} context
 * @returns {(file: any) => any}
 */
function useCell(context) {
  const { factory } = ts;
  const cell = (/** @type {string} */ name) =>
    factory.createPropertyAccessExpression(factory.createIdentifier("__cell"), name);
  const call = (/** @type {string} */ name, /** @type {any[]} */ ...args) =>
    factory.createCallExpression(cell(name), undefined, args);
  /** @param {any} node @returns {any} */
  const visit = (node) => {
    const visited = ts.visitEachChild(node, visit, context);
    if (isImportCall(visited)) return call("import", ...visited.arguments);
    if (ts.isMetaProperty(visited) && visited.keywordToken === ts.SyntaxKind.ImportKeyword) {
      return cell("meta");
    }
    if (ts.isAwaitExpression(visited)) return call("go", cell("watch"), visited);
    if (ts.isForOfStatement(visited) && visited.awaitModifier) {
      const { awaitModifier, initializer, expression, statement } = visited;
      const each = call("each", expression);
      return factory.updateForOfStatement(visited, awaitModifier, initializer, each, statement);
    }
    return visited;
  };
  return (file) => ts.visitEachChild(file, visit, context);
}

/** @param {any} node */
function isImportCall(node) {
  return ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
}

/**
 * Where a type can't be named TypeScript declares `any`; a module can be named. For `const m = await import("m")`.
 * @returns {(file: any) => any}
 */
function nameModules() {
  const { factory } = ts;
  /** @param {any} node @returns {any} */
  const visit = (node) => {
    const isUnnamed =
      ts.isVariableDeclaration(node) && node.type?.kind === ts.SyntaxKind.AnyKeyword;
    if (!isUnnamed) return ts.visitEachChild(node, visit, nowhere);
    // None for a name out of a pattern, which TypeScript declares by itself.
    const initializer = /** @type {any} */ (ts.getParseTreeNode(node))?.initializer;
    const call = initializer && ts.isAwaitExpression(initializer) && initializer.expression;
    if (!call || !isImportCall(call) || !ts.isStringLiteral(call.arguments[0])) return node;
    const name = factory.createLiteralTypeNode(factory.createStringLiteral(call.arguments[0].text));
    const type = factory.createImportTypeNode(name, undefined, undefined, undefined, true);
    return factory.updateVariableDeclaration(node, node.name, undefined, type, undefined);
  };
  return (file) => ts.visitEachChild(file, visitStatement, nowhere);
  /** @param {any} node */
  function visitStatement(node) {
    return ts.isVariableStatement(node) ? ts.visitEachChild(node, visit, nowhere) : node;
  }
}

/**
 * Looks for imports that weren't found again each time, so that a package or file may appear. TypeScript would watch
 * folders instead, where it can, and is told late.
 * @param {any} host
 */
function findWhatAppears(host) {
  const options = host.getCompilationSettings?.() ?? host.options;
  const cache = ts.createModuleResolutionCache(host.getCurrentDirectory(), (name) => name, options);
  /** Files with an import that wasn't found. @type {Set<string>} */
  const waiting = new Set();
  host.resolveModuleNameLiterals = (
    /** @type {{ text: string }[]} */ literals,
    /** @type {string} */ file,
    /** @type {any} */ redirected,
    /** @type {any} */ settings,
  ) => {
    const isNew = isCell({ fileName: file });
    const known = isNew || waiting.has(file) ? undefined : cache;
    const found = literals.map(({ text }) => {
      const beside = ts.resolveModuleName(text, file, settings, host, known, redirected);
      if (beside.resolvedModule || !isLibrary(text)) return beside;
      return ts.resolveModuleName(text, ownFile, settings, host, known, redirected);
    });
    // A cell is looked at anew anyway, since it changes; and what a package lacks it goes on lacking.
    const mayWait = !isNew && !file.includes("/node_modules/") && !file.endsWith(".d.ts");
    if (mayWait && found.some(({ resolvedModule }) => !resolvedModule)) waiting.add(file);
    else waiting.delete(file);
    return found;
  };
  host.hasInvalidatedResolutions = (/** @type {string} */ file) => waiting.has(file);
}
