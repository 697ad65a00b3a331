/** Rate and progress of bytes on their way. */
import { formatBar, formatBytes, formatDuration } from "../text";

/** Seconds over which the shown rate is averaged: long enough to be calm, short enough to be true. */
const RATE_WINDOW_SECONDS = 5;

/** Samples closer than this are merged. */
const SAMPLE_SECONDS = 0.1;

/** Rate and time left of a stream of bytes. */
export class Meter {
  private readonly start: number;
  private readonly first: number;
  private samples: { at: number; bytes: number }[];

  /** @param bytes What was there before: a resumed file does not count towards the rate. */
  constructor(
    bytes: number,
    private readonly now: () => number = () => performance.now() / 1000,
  ) {
    this.start = now();
    this.first = bytes;
    this.samples = [{ at: this.start, bytes }];
  }

  /** Takes note of how many bytes there are now. */
  record(bytes: number): void {
    const at = this.now();
    const previous = this.samples.at(-2);
    if (previous && at - previous.at < SAMPLE_SECONDS) this.samples.pop();
    this.samples.push({ at, bytes });
    const oldest = this.samples.findIndex((sample) => at - sample.at <= RATE_WINDOW_SECONDS);
    // Keep one sample from before the window, so that a slow stream still has two points.
    if (oldest > 1) this.samples = this.samples.slice(oldest - 1);
  }

  /** Bytes per second of late; 0 when unknown. */
  get bytesPerSecond(): number {
    return rate(this.samples[0]!, this.samples.at(-1)!);
  }

  /** Bytes per second since the start. */
  get averageBytesPerSecond(): number {
    return rate({ at: this.start, bytes: this.first }, this.samples.at(-1)!);
  }

  get elapsedSeconds(): number {
    return this.now() - this.start;
  }
}

function rate(from: { at: number; bytes: number }, to: { at: number; bytes: number }): number {
  return to.at > from.at ? (to.bytes - from.bytes) / (to.at - from.at) : 0;
}

/** One line: ` 45% ━━━━───── 384 MB of 852 MB, 32.1 MB/s, 15 s left`; without a total, what is known. */
export function progressText(bytes: number, total: number | undefined, meter: Meter): string {
  const perSecond = `${formatBytes(meter.bytesPerSecond)}/s`;
  if (total === undefined) return `${formatBytes(bytes)}, ${perSecond}`;
  const fraction = total === 0 ? 1 : bytes / total;
  const percent = `${Math.floor(fraction * 100)}%`.padStart(4);
  const left =
    meter.bytesPerSecond > 0
      ? `, ${formatDuration((total - bytes) / meter.bytesPerSecond)} left`
      : "";
  return `${percent} ${formatBar(fraction)} ${formatBytes(bytes)} of ${formatBytes(total)}, ${perSecond}${left}`;
}
