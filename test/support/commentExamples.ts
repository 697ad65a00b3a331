/** Finds the examples in the library's comments, compiles them and runs them. */
import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
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
  const output = await compile(examples, folder.path);
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

/**
 * Runs examples one after another in one process, in an empty folder.
 *
 * @returns One line for each that throws: function, file, line and what was thrown.
 */
export async function runExamples(examples: Example[]): Promise<string[]> {
  using folder = temporaryFolder();
  await compile(examples, folder.path);
  const library = pathToFileURL(path.join(root, ".build/lib/index.js")).href;
  const lines = examples.map((example, i) => {
    const module = folder.join(`example${i}.js`);
    const code = fs.readFileSync(module, "utf8");
    fs.writeFileSync(module, code.replaceAll('"convnets"', JSON.stringify(library)));
    const where = `${example.name} (${example.file}:${example.line})`;
    return `await import("./example${i}.js").catch((error) => failed(${JSON.stringify(where)}, error));`;
  });
  fs.writeFileSync(folder.join("package.json"), JSON.stringify({ type: "module" }));
  const failed =
    "const failed = (where, error) => console.error('FAILED ' + where + ': ' + error);";
  const end = "console.error('THE END'); process.exit();"; // a timer of an example must not hold it up
  fs.writeFileSync(folder.join("all.js"), [failed, ...lines, end].join("\n"));
  const output = await nodeOutput(["all.js"], folder.path);
  const complaints = [...output.matchAll(/^FAILED (.*)$/gm)].map(([, line]) => line!);
  return output.includes("THE END")
    ? complaints
    : [...complaints, `cut off: ${output.slice(-500)}`];
}

/** Compiles examples to JavaScript beside them; returns what the compiler prints. */
function compile(examples: Example[], folder: string): Promise<string> {
  for (const [i, { code }] of examples.entries()) {
    fs.writeFileSync(path.join(folder, `example${i}.ts`), `${code}\n`);
  }
  const compilerOptions = {
    target: "es2022",
    lib: ["es2023"],
    module: "preserve",
    moduleDetection: "force",
    strict: true,
    skipLibCheck: true,
    types: ["node"],
    typeRoots: [path.join(root, "node_modules/@types")],
    paths: { convnets: [path.join(root, ".build/lib/index.d.ts")] },
  };
  fs.writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  const compiler = path.join(root, "node_modules/typescript/bin/tsc");
  return nodeOutput([compiler, "--project", folder, "--pretty", "false"], folder);
}

/** What a program prints, whatever its exit status. */
function nodeOutput(args: string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== "number") reject(error);
      else resolve(`${stdout}\n${stderr}`);
    });
  });
}
