// @ts-check
/** Lets Node import TypeScript, compiled as cells of a notebook are. Node 20 can't by itself. */
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { ts } from "../kernel/compiler.mjs";

/** @type {import("node:module").ResolveHook} */
export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    // As in a notebook, `./helper` may be helper.ts.
    if (!specifier.startsWith(".")) throw error;
    return await next(`${specifier}.ts`, context);
  }
}

/** @type {import("node:module").LoadHook} */
export async function load(url, context, next) {
  if (!url.startsWith("file:") || !url.endsWith(".ts")) return next(url, context);
  const fileName = fileURLToPath(url);
  const { outputText, diagnostics = [] } = ts.transpileModule(fs.readFileSync(fileName, "utf8"), {
    fileName,
    reportDiagnostics: true,
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2022,
      inlineSourceMap: true,
      inlineSources: true,
    },
  });
  if (diagnostics.length > 0) {
    const host = {
      getCurrentDirectory: () => process.cwd(),
      getCanonicalFileName: (/** @type {string} */ name) => name,
      getNewLine: () => "\n",
    };
    throw new SyntaxError(ts.formatDiagnostics(diagnostics, host).trim());
  }
  return { format: "module", source: outputText, shortCircuit: true };
}
