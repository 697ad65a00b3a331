/** A process that reads damaged files; a new one takes its place when it dies or doesn't answer. */
import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";
import type { Answer, Question } from "./worker";

/** Longer is a hang. */
const PATIENCE_MS = 20_000;

/** A process that has just begun loads TensorFlow first, on a busy machine perhaps. */
const FIRST_PATIENCE_MS = 180_000;

export class Reader {
  private child: ChildProcess | undefined;

  /** What reading the file shows; an error that is no `Error` of the library's says how the process ended. */
  async ask(question: Question): Promise<Answer> {
    const patience = this.child === undefined ? FIRST_PATIENCE_MS : PATIENCE_MS;
    this.child ??= fork(path.join(__dirname, "worker.js"), {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      execArgv: [],
    });
    const { child } = this;
    return new Promise((resolve) => {
      const end = (answer: Answer, { isOver }: { isOver: boolean }) => {
        clearTimeout(timer);
        child.removeAllListeners();
        if (isOver) {
          child.kill("SIGKILL");
          this.child = undefined;
        }
        resolve(answer);
      };
      const timer = setTimeout(
        () => end({ error: `no answer in ${patience / 1000} s` }, { isOver: true }),
        patience,
      );
      child.once("message", (answer) => end(answer as Answer, { isOver: false }));
      child.once("exit", (code, signal) =>
        end({ error: `the process ended: ${signal ?? code}` }, { isOver: true }),
      );
      child.send(question);
    });
  }

  close(): void {
    this.child?.kill();
    this.child = undefined;
  }
}
