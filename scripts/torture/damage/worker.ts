/** Reads damaged files, one after another, as a process of its own: it may die, or never answer. */
import { kinds } from "./kinds";

/** A file to read. */
export interface Question {
  kind: string;
  file: string;
}

/** What reading it showed. */
export interface Answer {
  /** The numbers; undefined where it was refused. */
  numbers?: string;
  /** The error's name and message. */
  error?: string;
}

// What is left out of a compilation is told in warnings, thousands of them here.
console.warn = () => {};

process.on("message", async ({ kind, file }: Question) => {
  let answer: Answer;
  try {
    answer = { numbers: await kinds[kind]!.read(file) };
  } catch (error) {
    const { name, message } = error as Error;
    answer = { error: `${name}: ${message}` };
  }
  process.send!(answer);
});
