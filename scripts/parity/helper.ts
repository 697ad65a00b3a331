/** A process that answers requests one after another, and is started anew when one kills it or hangs. */
import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import readline from "node:readline";
import type { Readable } from "node:stream";

/** How a process is started, and how long it may think. */
export interface HelperOptions {
  command: string[];
  /** What it prints, and its errors. */
  log: string;
  seconds: number;
}

/** One process; it starts at the first request. */
export class Helper {
  private child: ChildProcess | undefined;
  private answers: AsyncIterator<string> | undefined;

  constructor(private readonly options: HelperOptions) {}

  /**
   * Asks, when the last request is answered.
   *
   * @throws Error when the process ends, or takes too long.
   */
  async ask<T>(request: unknown): Promise<T> {
    this.child ??= this.start();
    const child = this.child;
    child.stdin!.write(`${JSON.stringify(request)}\n`);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, this.options.seconds * 1000);
    const { value, done } = await this.answers!.next();
    clearTimeout(timer);
    if (!done) return JSON.parse(value) as T;
    this.child = undefined;
    throw new Error(late ? `no answer in ${this.options.seconds} s` : "the process ended");
  }

  stop(): void {
    this.child?.kill("SIGKILL");
    this.child = undefined;
  }

  private start(): ChildProcess {
    const [program = "", ...args] = this.options.command;
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      CUDA_VISIBLE_DEVICES: "-1",
      KERAS_BACKEND: "tensorflow",
      TF_CPP_MIN_LOG_LEVEL: "3",
    };
    // Settings for old OpenBLAS builds; they slow a current numpy.
    delete env.OPENBLAS_CORETYPE;
    delete env.OPENBLAS_L2_SIZE;
    const log = fs.openSync(this.options.log, "a");
    const child = spawn(program, args, { env, stdio: ["pipe", log, log, "pipe"] });
    fs.closeSync(log);
    child.stdin!.on("error", () => {}); // that it ended is seen where its answer is awaited
    const lines = readline.createInterface({ input: child.stdio[3] as Readable });
    this.answers = lines[Symbol.asyncIterator]();
    return child;
  }
}
