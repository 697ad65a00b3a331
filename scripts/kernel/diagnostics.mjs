// @ts-check
/** What is wrong with a cell. */
import { ts } from "./compiler.mjs";
import { isCell } from "./names.mjs";

/** What TypeScript says where `await`, and `for await`, is not inside an async function. */
const AWAIT_OUTSIDE = 1308;
const FOR_AWAIT_OUTSIDE = 1103;

/**
 * The errors of a cell. tslab lets a 1308 pass where nothing but classes and plain functions stand around it; `for await`
 * has another number. Types that can't be named outside their package matter to authors of packages only.
 * @param {import("@tslab/typescript-for-tslab").Program} program
 * @param {import("@tslab/typescript-for-tslab").SourceFile[]} files
 */
export function getPreEmitDiagnosticsOfFiles(program, files) {
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
    if (!symbol || !(symbol.flags & (ts.SymbolFlags.Value | ts.SymbolFlags.Alias))) return [];
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
