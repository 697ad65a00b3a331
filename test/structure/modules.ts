/**
 * What the modules of a folder import, and their casts past the compiler.
 *
 * Read with oxc-parser, which knip brings along: dependency-cruiser, madge and skott ask TypeScript's own parser,
 * and TypeScript 7 has none that a program may call.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { Node } from "oxc-parser" with { "resolution-mode": "import" };

/** One import, of values or types, in any of its forms. */
export interface Arrow {
  /** Paths from the root, such as `lib/errors.ts`. */
  from: string;
  line: number;
  /** A path from the root, or a package's name as it is written. */
  to: string;
  isPackage: boolean;
}

export interface Modules {
  root: string;
  /** Paths from the root. */
  files: string[];
  arrows: Arrow[];
  /** Where `as unknown as` stands. */
  casts: { file: string; line: number }[];
}

/** Reads the modules of some folders of `root`; fixtures and compiled code aside. */
export async function readModules(root: string, folders: readonly string[]): Promise<Modules> {
  const files = folders.flatMap((folder) => filesBelow(root, folder)).filter(isModule);
  const read = await Promise.all(files.map((file) => readModule(root, file)));
  return {
    root,
    files,
    arrows: read.flatMap(({ arrows }) => arrows),
    casts: read.flatMap(({ casts }) => casts),
  };
}

/** All files below a folder, as paths from the root. */
export function filesBelow(root: string, folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const inside = `${folder}/${entry.name}`;
      return entry.isDirectory() && entry.name !== "fixtures" ? filesBelow(root, inside) : [inside];
    })
    .sort();
}

function isModule(file: string): boolean {
  return /\.(ts|mjs|cjs)$/.test(file);
}

async function readModule(root: string, file: string): Promise<Pick<Modules, "arrows" | "casts">> {
  const { parseSync } = await import("oxc-parser");
  const text = readFileSync(path.join(root, file), "utf8");
  const { program, errors } = parseSync(file, text, { preserveParens: false });
  if (errors[0] !== undefined) throw new Error(`${file}: ${errors[0].message}`);
  const lineOf = (offset: number) => text.slice(0, offset).split("\n").length;
  const arrows: Arrow[] = [];
  const casts: Modules["casts"] = [];
  const add = (source: Node | null | undefined) => {
    const name = textOf(source);
    if (source === null || source === undefined || name === undefined) return;
    const isPackage = !name.startsWith(".");
    const to = isPackage ? name : resolve(root, file, name);
    arrows.push({ from: file, line: lineOf(source.start), to, isPackage });
  };
  for (const node of nodesOf(program)) {
    switch (node.type) {
      case "ImportDeclaration":
      case "ExportAllDeclaration":
      case "ExportNamedDeclaration":
      case "ImportExpression":
      case "TSImportType":
        add(node.source);
        break;
      case "TSExternalModuleReference":
        add(node.expression);
        break;
      case "CallExpression":
        if (isRequire(node.callee)) add(node.arguments[0]);
        break;
      case "TSModuleDeclaration":
        add(node.id);
        break;
      case "TSAsExpression":
        if (
          node.expression.type === "TSAsExpression" &&
          node.expression.typeAnnotation.type === "TSUnknownKeyword"
        ) {
          casts.push({ file, line: lineOf(node.start) });
        }
        break;
    }
  }
  return { arrows, casts };
}

/** What a text says that nothing is put into: in quotes or backticks. */
function textOf(node: Node | null | undefined): string | undefined {
  if (node?.type === "Literal") return typeof node.value === "string" ? node.value : undefined;
  if (node?.type !== "TemplateLiteral" || node.expressions.length > 0) return undefined;
  return node.quasis[0]?.value.cooked ?? undefined;
}

/** `require`, `module.require` and `require.resolve`. */
function isRequire(callee: Node): boolean {
  if (callee.type === "Identifier") return callee.name === "require";
  if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return false;
  return callee.property.name === "require" || isRequire(callee.object);
}

/** A node and all below it. (oxc-parser's own visitor needs a newer Node than the library does.) */
function* nodesOf(value: unknown): Generator<Node> {
  if (typeof value !== "object" || value === null) return;
  if ("type" in value && typeof value.type === "string") yield value as Node;
  for (const child of Object.values(value)) yield* nodesOf(child);
}

function resolve(root: string, from: string, source: string): string {
  const to = path.posix.join(path.posix.dirname(from), source);
  const candidates = [`${to}.ts`, `${to}/index.ts`, to];
  const isFile = (file: string) => {
    const place = path.join(root, file);
    return existsSync(place) && statSync(place).isFile();
  };
  return candidates.find(isFile) ?? to;
}
