/** Runs several steps as the loop that XLA compiles. */
import type { Call, HostArray, HostTensor, Runs, Session } from "../graph";
import type { CompiledLoop } from "./addStep";

/** What one step is fed. */
export interface LoopStep {
  inputs: readonly HostTensor[];
  rate: number;
  /** Random keys, for each device. */
  keys: readonly Int32Array[];
}

/** A step's loop in a session: compiled for batches of one size, and for as many steps as any call has had. */
export class LoopCall {
  private readonly call: Call;
  private readonly size: number;
  private capacity = 0;
  private feeds: HostArray[] = [];
  /** How long the call took that compiled, until somebody asks. */
  private compiled: { steps: number; ms: number } | undefined;

  /** @param size Rows of a batch. */
  constructor(session: Session, { feeds, fetch }: CompiledLoop, size: number) {
    this.call = session.prepare(feeds, { fetches: [fetch] });
    this.size = size;
  }

  /** Whether a batch is as large as those that it is for. */
  fits([first]: readonly HostTensor[]): boolean {
    return first!.shape[0] === this.size;
  }

  /** How many of the first batches can go through it together. */
  fitting(batches: readonly (readonly HostTensor[])[]): number {
    const other = batches.findIndex((batch) => !this.fits(batch));
    return other < 0 ? batches.length : other;
  }

  /**
   * Takes steps, one after another.
   *
   * @throws GraphError when XLA can't compile them, or they fail; then no variable has changed.
   */
  async run(steps: readonly LoopStep[]): Promise<Runs> {
    const begun = performance.now();
    const isNew = steps.length > this.capacity;
    if (isNew) this.makeRoom(steps);
    const [count, ...rest] = this.feeds;
    count![0] = steps.length;
    steps.forEach(({ inputs, rate, keys }, i) => {
      const parts = [...inputs.map(({ data }) => data), Float32Array.of(rate), ...keys];
      parts.forEach((part, feed) => {
        (rest[feed] as Float32Array).set(part as Float32Array, i * part.length);
      });
    });
    const [results] = await this.call.run(this.feeds);
    if (isNew) this.compiled = { steps: this.capacity, ms: performance.now() - begun };
    const { dtype, shape, data } = results!;
    const width = shape[1]!;
    const rowOf = (i: number) => ({
      ...{ dtype, shape: [width] },
      data: (data as Float32Array).subarray(i * width, (i + 1) * width),
    });
    return { results: steps.map((_, i) => [rowOf(i)]), failure: undefined };
  }

  /** What the latest call compiled, said once. */
  takeCompiled(): { steps: number; ms: number } | undefined {
    const { compiled } = this;
    this.compiled = undefined;
    return compiled;
  }

  /** Makes what is fed as large as so many steps need; XLA compiles for just this. */
  private makeRoom(steps: readonly LoopStep[]): void {
    this.capacity = steps.length;
    const { inputs, keys } = steps[0]!;
    const room = (like: HostArray) =>
      new (like.constructor as new (length: number) => HostArray)(like.length * this.capacity);
    this.feeds = [
      new Int32Array(1),
      ...inputs.map(({ data }) => room(data)),
      new Float32Array(this.capacity),
      ...keys.map(room),
    ];
  }
}
