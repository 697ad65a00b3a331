/** Runs cells in the kernel that set-up installed, driven by Jupyter's own client. */
import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { repositoryRoot } from "./python";

const python = path.join(repositoryRoot, ".venv/bin/python");

/** One message that the kernel sent while a cell ran. */
interface KernelMessage {
  type: string;
  content: Record<string, unknown>;
  /** False for what earlier cells sent while this one ran. */
  fromThisCell: boolean;
}

export interface CellResult {
  status: "ok" | "error" | "aborted";
  /** The kernel's whole answer. */
  reply: Record<string, unknown>;
  /** Everything the cell sent, in order; not that it was asked, and its status. */
  messages: KernelMessage[];
  /** What the cell has written. */
  stdout: string;
  /** What the cell has written there, and its error as a notebook shows it. */
  stderr: string;
}

/** Starts a kernel in `folder`; call `stop` at the end. */
export async function startKernel(folder = repositoryRoot): Promise<Kernel> {
  const driver = path.join(repositoryRoot, "test/support/kernel.py");
  const kernel = new Kernel(spawn(python, [driver, folder], { cwd: folder }));
  await kernel.ready;
  return kernel;
}

export class Kernel {
  readonly ready: Promise<void>;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly ended: Promise<never>;
  private readonly waiting = new Map<number, (answer: Record<string, unknown>) => void>();
  private lastId = 0;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    this.ended = new Promise((_, reject) => {
      child.once("close", () => reject(new Error(`The kernel driver ended:\n${errors}`)));
    });
    this.ended.catch(() => {}); // nobody may be waiting when it ends
    this.ready = Promise.race([
      new Promise<void>((resolve) => this.waiting.set(0, () => resolve())),
      this.ended,
    ]);
    createInterface({ input: child.stdout }).on("line", (line) => {
      const answer = JSON.parse(line) as { id: number } & Record<string, unknown>;
      this.waiting.get(answer.id)?.(answer);
      this.waiting.delete(answer.id);
    });
  }

  /** Runs a cell. With `interruptOn`, the stop button is pressed once the cell's output contains that text. */
  async run(code: string, options: { interruptOn?: string } = {}): Promise<CellResult> {
    const answer = await this.ask({ do: "run", code, interruptOn: options.interruptOn });
    const messages = answer.messages as KernelMessage[];
    const text = (name: string) =>
      messages
        .filter(({ type, content }) => type === "stream" && content.name === name)
        .map(({ content }) => content.text)
        .join("");
    const errors = messages
      .filter(({ type }) => type === "error")
      .map(({ content }) => `${(content.traceback as string[]).join("\n")}\n`);
    return {
      status: answer.status as CellResult["status"],
      reply: answer.reply as Record<string, unknown>,
      messages,
      stdout: text("stdout"),
      stderr: text("stderr") + errors.join(""),
    };
  }

  /** Runs cells, none of which may fail; what the last one prints. */
  async outputOf(...cells: string[]): Promise<string> {
    let stdout = "";
    for (const cell of cells) {
      const result = await this.run(cell);
      assert.equal(result.status, "ok", `${cell}\n${result.stderr}`);
      ({ stdout } = result);
    }
    return stdout;
  }

  /** The completions offered at the end of `code`. */
  async complete(code: string): Promise<string[]> {
    return (await this.ask({ do: "complete", code })).matches as string[];
  }

  /** The text that Shift-Tab shows at the end of `code`. */
  async inspect(code: string): Promise<string> {
    return (await this.ask({ do: "inspect", code })).text as string;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once("close", resolve));
    this.child.stdin.end();
    await ended;
  }

  private ask(request: Record<string, unknown>): Promise<Record<string, unknown>> {
    const id = ++this.lastId;
    this.child.stdin.write(`${JSON.stringify({ id, ...request })}\n`);
    const answer = new Promise<Record<string, unknown>>((resolve) => {
      this.waiting.set(id, resolve);
    });
    return Promise.race([answer, this.ended]);
  }
}
