// @ts-check
/** The TypeScript that tslab compiles cells with, and what is put right in it. */
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(createRequire(import.meta.url).resolve("tslab"));
const file = require.resolve("@tslab/typescript-for-tslab");

/** @type {typeof import("@tslab/typescript-for-tslab")} */
const ts = require(file);

export { ts };

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
  const loaded = require.cache[file];
  if (loaded !== undefined) loaded.exports = mended;
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
  const { setTimeout } = system;
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
  const create = /** @type {any} */ (ts.createWatchCompilerHost);
  return create(files, options, system, ...rest);
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
              after: [keepLastValue],
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

/**
 * Makes CommonJS of a module. `[a, b] = pairs` is taken apart there where `a` is exported, and would take arrays only.
 * @param {string} text
 * @param {import("@tslab/typescript-for-tslab").TranspileOptions} options
 */
function transpileModule(text, { compilerOptions, ...rest }) {
  const changed = { ...compilerOptions, downlevelIteration: true };
  return ts.transpileModule(text, { ...rest, compilerOptions: changed });
}

/** @param {{ fileName: string } | undefined} source */
function isCell(source) {
  return source !== undefined && /^__tslab__\.[jt]s$/.test(path.basename(source.fileName));
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
    const found = literals.map(({ text }) =>
      ts.resolveModuleName(text, file, settings, host, known, redirected),
    );
    // A cell is looked at anew anyway, since it changes; and what a package lacks it goes on lacking.
    const mayWait = !isNew && !file.includes("/node_modules/") && !file.endsWith(".d.ts");
    if (mayWait && found.some(({ resolvedModule }) => !resolvedModule)) waiting.add(file);
    else waiting.delete(file);
    return found;
  };
  host.hasInvalidatedResolutions = (/** @type {string} */ file) => waiting.has(file);
}

/** What TypeScript says where `await`, and `for await`, is not inside an async function. */
const AWAIT_OUTSIDE = 1308;
const FOR_AWAIT_OUTSIDE = 1103;

/**
 * The errors of a cell. tslab lets a 1308 pass where nothing but classes and plain functions stand around it; `for await`
 * has another number. Types that can't be named outside their package matter to authors of packages only.
 * @param {import("@tslab/typescript-for-tslab").Program} program
 * @param {import("@tslab/typescript-for-tslab").SourceFile[]} files
 */
function getPreEmitDiagnosticsOfFiles(program, files) {
  const declarations = new Set(files.flatMap((each) => program.getDeclarationDiagnostics(each)));
  /** @type {import("@tslab/typescript-for-tslab").Diagnostic[]} */
  const found = /** @type {any} */ (ts).getPreEmitDiagnosticsOfFiles(program, files);
  return [...found, ...files.filter(isCell).flatMap(reserved)]
    .filter((each) => !declarations.has(/** @type {any} */ (each)))
    .map((each) => {
      if (each.code !== AWAIT_OUTSIDE && each.code !== FOR_AWAIT_OUTSIDE) return each;
      const isAllowed = isCell(each.file) && isOutermost(each);
      return { ...each, code: isAllowed ? AWAIT_OUTSIDE : FOR_AWAIT_OUTSIDE };
    });
}

/**
 * Refuses variables of a cell whose names its JavaScript needs, as TypeScript does for CommonJS.
 * @param {any} file
 * @returns {any[]}
 */
function reserved(file) {
  return ["exports", "require"].flatMap((name) => {
    const symbol = file.locals?.get(name);
    if (!symbol || !(symbol.flags & ts.SymbolFlags.Value)) return [];
    const node = symbol.declarations[0].name ?? symbol.declarations[0];
    const messageText = `Duplicate identifier '${name}'. It is reserved in the top level scope of a cell.`;
    const category = ts.DiagnosticCategory.Error;
    return {
      file,
      start: node.getStart(file),
      length: node.getWidth(file),
      messageText,
      category,
      code: 2441,
    };
  });
}

/** @param {import("@tslab/typescript-for-tslab").Diagnostic} diagnostic */
function isOutermost({ file, start = 0, length = 0 }) {
  const token = /** @type {any} */ (ts).findPrecedingToken(start + length, file);
  for (let node = token?.parent; node !== undefined && node !== file; node = node.parent) {
    const isInner =
      ts.isFunctionLike(node) || ts.isPropertyDeclaration(node) || ts.isModuleDeclaration(node);
    if (isInner || ts.isClassStaticBlockDeclaration(node)) return false;
  }
  return token?.kind === ts.SyntaxKind.AwaitKeyword;
}
