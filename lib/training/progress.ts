/**
 * The progress line of an epoch, as Keras 3 writes it:
 * `938/938 ━━━━━━━━━━━━━━━━━━━━ 9s 9ms/step - accuracy: 0.9463 - loss: 0.1713`.
 */
import { type LiveLine, openLiveLine } from "../notebook";
import { toExponential, toFixed } from "../pythonNumbers";
import { formatBar } from "../text";

/** `"auto"` and 1: a live line; 2: one line when an epoch ends; 0: nothing. @inline */
export type Verbosity = "auto" | 0 | 1 | 2;

/** What an epoch, an evaluation or a prediction took. */
export interface WorkDone {
  steps: number;
  seconds: number;
  /** Without the first step, which includes one-time work. */
  secondsPerStep: number;
}

/** The line for a run's progress, where one moves. */
export function openProgressLine(verbose: Verbosity): LiveLine | undefined {
  return verbose === 0 || verbose === 2 ? undefined : openLiveLine();
}

/** Shows a line that stays: below the last one of a run, or on standard output. */
export function showText(
  text: string,
  where: { verbose: Verbosity; line: LiveLine | undefined },
): void {
  if (where.verbose === 0) return;
  if (where.line) where.line.keep(text);
  else process.stdout.write(`${text}\n`);
}

/** The line of work that is over. */
export function finalText(
  verbose: Verbosity,
  { steps, seconds, secondsPerStep }: WorkDone,
  logs: Iterable<[name: string, value: number]>,
): string {
  const parts = [counted(verbose, steps, steps), wholeSeconds(seconds)];
  return lineText(verbose, parts, secondsPerStep, logs);
}

/** Shows the steps of one epoch, evaluation or prediction. */
export class Progress {
  private readonly started = performance.now();
  private first: { done: number; at: number } | undefined;
  private done = 0;
  /** Names in the order in which they came; Keras appends what comes later, like `val_loss`. */
  private readonly logs = new Map<string, number>();
  private newest: () => Record<string, number> = () => ({});

  /**
   * @param verbose See `Verbosity`.
   * @param steps Number of steps, undefined when unknown.
   * @param line Where it moves; the epochs of a run share one.
   */
  constructor(
    private readonly verbose: Verbosity,
    private readonly steps: number | undefined,
    private readonly line = openProgressLine(verbose),
  ) {}

  /** Shows that `done` steps are behind; the numbers are asked for when they are shown. */
  update(done: number, logs: () => Record<string, number> = () => ({})): void {
    this.done = done;
    this.first ??= { done, at: performance.now() };
    this.newest = logs;
    this.line?.update(this.text);
  }

  /** Shows the final line, and says what the work took. */
  finish(logs: Record<string, number> = {}): WorkDone {
    this.note(this.newest());
    this.note(logs);
    const work = {
      steps: this.steps ?? this.done,
      seconds: this.seconds(),
      secondsPerStep: this.secondsPerStep(),
    };
    showText(finalText(this.verbose, work, this.logs), { verbose: this.verbose, line: this.line });
    return work;
  }

  /** Keeps the last line as it is, after an error or an interrupt. */
  abandon(): void {
    this.line?.finish();
  }

  private note(logs: Record<string, number>): void {
    for (const [name, value] of Object.entries(logs)) this.logs.set(name, value);
  }

  private readonly text = (): string => {
    this.note(this.newest());
    const { done, steps, verbose, logs } = this;
    const secondsPerStep = this.secondsPerStep();
    if (steps === undefined) {
      const count = `${String(done).padStart(7)}/Unknown`;
      return lineText(verbose, [count, wholeSeconds(this.seconds())], secondsPerStep, logs);
    }
    const left = remaining(secondsPerStep * (steps - done));
    return lineText(verbose, [counted(verbose, done, steps), left], secondsPerStep, logs);
  };

  private seconds(): number {
    return (performance.now() - this.started) / 1000;
  }

  /** What came first is left out, a step or several: it includes one-time work. */
  private secondsPerStep(): number {
    const { done, first } = this;
    if (done === 0) return 0;
    const now = performance.now();
    const ms =
      first !== undefined && done > first.done
        ? (now - first.at) / (done - first.done)
        : (now - this.started) / done;
    return ms / 1000;
  }
}

/** A value that is computed when it is first asked for. */
export function once<T>(compute: () => T): () => T {
  let known: { value: T } | undefined;
  return () => {
    known ??= { value: compute() };
    return known.value;
  };
}

function lineText(
  verbose: Verbosity,
  parts: string[],
  secondsPerStep: number,
  logs: Iterable<[name: string, value: number]>,
): string {
  const duration = durationText(secondsPerStep);
  const numbers = Array.from(logs, ([name, value]) => `- ${name}: ${numberText(value)}`);
  return [...parts, verbose === 2 ? `- ${duration}` : duration, ...numbers].join(" ");
}

function counted(verbose: Verbosity, done: number, steps: number): string {
  const count = `${String(done).padStart(String(steps).length)}/${steps}`;
  return verbose === 2 ? `${count} -` : `${count} ${formatBar(done / steps)}`;
}

function wholeSeconds(seconds: number): string {
  return `${seconds.toFixed(0)}s`;
}

function remaining(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole > 3600) {
    return `${Math.floor(whole / 3600)}:${two(Math.floor((whole % 3600) / 60))}:${two(whole % 60)}`;
  }
  return whole > 60 ? `${Math.floor(whole / 60)}:${two(whole % 60)}` : `${whole}s`;
}

function durationText(seconds: number): string {
  if (seconds >= 1 || seconds === 0) return `${seconds.toFixed(0)}s/step`;
  if (seconds >= 1e-3) return `${(seconds * 1e3).toFixed(0)}ms/step`;
  return `${(seconds * 1e6).toFixed(0)}us/step`;
}

/** Four decimals, or Python's exponent form for very small numbers. */
export function numberText(value: number): string {
  return Math.abs(value) > 1e-3 ? toFixed(value, 4) : toExponential(value, 4);
}
