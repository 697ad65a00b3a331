/** Finds the examples in the library's comments and compiles them. */
import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { temporaryFolder } from "./temporaryFolder";

const root = path.resolve(__dirname, "../../..");

/** The code under an `@example` of a comment. */
export interface Example {
  /** What the comment stands before: `fit`. */
  name: string;
  /** The file in the repository. */
  file: string;
  /** Number of the code's first line there, from 1. */
  line: number;
  code: string;
}

/** Every example of `lib/`. */
export function libraryExamples(): Example[] {
  return fs
    .readdirSync(path.join(root, "lib"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.startsWith("dist"))
    .sort()
    .flatMap((file) =>
      examplesIn(`lib/${file}`, fs.readFileSync(path.join(root, "lib", file), "utf8")),
    );
}

/** The examples of one file. */
export function examplesIn(file: string, source: string): Example[] {
  return [...source.matchAll(/\/\*\*(?:(?!\*\/)[\s\S])*\*\//g)].flatMap((comment) => {
    const firstLine = source.slice(0, comment.index).split("\n").length;
    const name = nameOf(source.slice(comment.index + comment[0].length));
    return examplesOf(comment[0]).map(({ offset, code }) => ({
      name,
      file,
      line: firstLine + offset,
      code,
    }));
  });
}

function examplesOf(comment: string): { offset: number; code: string }[] {
  const found: { offset: number; lines: string[] }[] = [];
  let open: string[] | undefined;
  for (const [i, line] of comment.split("\n").entries()) {
    const text = line.replace(/^\s*(\/\*\*|\*(?!\/))? ?/, "").replace(/\s*\*\/$/, "");
    if (/^@example$/.test(text)) {
      open = [];
      found.push({ offset: i + 1, lines: open });
    } else if (/^@\w/.test(text)) open = undefined;
    else open?.push(text);
  }
  return found.map(({ offset, lines }) => ({ offset, code: lines.join("\n").trimEnd() }));
}

/** The name that is declared by the code that follows a comment. */
function nameOf(code: string): string {
  const words = /^\s*((?:export|abstract|async|function|class|const|let|interface|type)\s+)*/;
  return /^\w*/.exec(code.replace(words, ""))![0];
}

/**
 * Compiles each example as a file of its own, against the library as it was compiled.
 *
 * @returns One line for each error: function, file, line and what the compiler says.
 */
export async function compileExamples(examples: Example[]): Promise<string[]> {
  using folder = temporaryFolder();
  for (const [i, { code }] of examples.entries()) {
    fs.writeFileSync(folder.join(`example${i}.ts`), `${code}\n`);
  }
  const settings = {
    compilerOptions: {
      target: "es2022",
      lib: ["es2023"],
      module: "preserve",
      moduleDetection: "force",
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: ["node"],
      typeRoots: [path.join(root, "node_modules/@types")],
      paths: { convnets: [path.join(root, ".build/lib/index.d.ts")] },
    },
  };
  fs.writeFileSync(folder.join("tsconfig.json"), JSON.stringify(settings));
  const output = await compile(folder.path);
  return output
    .split("\n")
    .filter((line) => /: error /.test(line))
    .map((line) => {
      const [, index, row, message] = /example(\d+)\.ts\((\d+),\d+\): (.*)/.exec(line) ?? [];
      const example = examples[Number(index)];
      if (example === undefined) return line;
      return `${example.name} (${example.file}:${example.line + Number(row) - 1}): ${message}`;
    });
}

/** What the compiler prints. */
function compile(folder: string): Promise<string> {
  const compiler = path.join(root, "node_modules/typescript/bin/tsc");
  const args = [compiler, "--project", folder, "--pretty", "false"];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, (error, stdout, stderr) => {
      // 1 and 2 say that there are errors, which stdout holds.
      if (error !== null && ![1, 2].includes(Number(error.code))) reject(error);
      else resolve(stdout + stderr);
    });
  });
}
