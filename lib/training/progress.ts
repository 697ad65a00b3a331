/**
 * The progress line of an epoch, as Keras 3 writes it:
 * `938/938 ━━━━━━━━━━━━━━━━━━━━ 9s 9ms/step - accuracy: 0.9463 - loss: 0.1713`.
 */
import { type LiveLine, openLiveLine } from "../notebook";

/** `"auto"` and 1: a live line; 2: one line when an epoch ends; 0: nothing. */
export type Verbosity = "auto" | 0 | 1 | 2;

const barWidth = 20;

/** The line for a run's progress, where one moves. */
export function openProgressLine(verbose: Verbosity): LiveLine | undefined {
  return verbose === 0 || verbose === 2 ? undefined : openLiveLine();
}

/** Shows the steps of one epoch, evaluation or prediction. */
export class Progress {
  private readonly started = performance.now();
  private firstStepDone: number | undefined;
  private done = 0;
  /** Names in the order in which they came; Keras appends what comes later, like `val_loss`. */
  private readonly logs = new Map<string, number>();

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

  /** Shows that `done` steps are behind. */
  update(done: number, logs: Record<string, number> = {}): void {
    this.note(done, logs);
    this.line?.update(this.text(this.steps, false));
  }

  /** Shows the final line. */
  finish(logs: Record<string, number> = {}): void {
    this.note(this.done, logs);
    if (this.verbose === 0) return;
    const text = this.text(this.steps ?? this.done, true);
    if (this.line) this.line.keep(text);
    else process.stdout.write(`${text}\n`);
  }

  /** Keeps the last line as it is, after an error or an interrupt. */
  abandon(): void {
    this.line?.finish();
  }

  private note(done: number, logs: Record<string, number>): void {
    this.done = done;
    if (done === 1) this.firstStepDone ??= performance.now();
    for (const [name, value] of Object.entries(logs)) this.logs.set(name, value);
  }

  private text(steps: number | undefined, final: boolean): string {
    const done = final && steps !== undefined ? steps : this.done;
    const secondsPerStep = this.secondsPerStep();
    const parts: string[] = [];
    if (steps === undefined) parts.push(`${String(done).padStart(7)}/Unknown`);
    else {
      const count = `${String(done).padStart(String(steps).length)}/${steps}`;
      parts.push(this.verbose === 2 ? `${count} -` : `${count} ${bar(done / steps)}`);
    }
    const elapsed = `${((performance.now() - this.started) / 1000).toFixed(0)}s`;
    parts.push(
      final || steps === undefined ? elapsed : remaining(secondsPerStep * (steps - done)),
      this.verbose === 2 ? `- ${durationText(secondsPerStep)}` : durationText(secondsPerStep),
    );
    for (const [name, value] of this.logs) parts.push(`- ${name}: ${numberText(value)}`);
    return parts.join(" ");
  }

  /** The first step is left out: it includes one-time work. */
  private secondsPerStep(): number {
    if (this.done === 0) return 0;
    const now = performance.now();
    const ms =
      this.firstStepDone !== undefined && this.done > 1
        ? (now - this.firstStepDone) / (this.done - 1)
        : (now - this.started) / this.done;
    return ms / 1000;
  }
}

function bar(share: number): string {
  const filled = Math.floor(barWidth * Math.min(share, 1));
  return "━".repeat(filled) + "─".repeat(barWidth - filled);
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
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  if (Math.abs(value) > 1e-3) return value.toFixed(4);
  return value.toExponential(4).replace(/e([+-])(\d)$/, "e$10$2");
}
