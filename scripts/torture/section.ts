/** What `npm run torture` is made of. */

/** How long, and with which chance, a section runs. */
export interface TortureOptions {
  /** Equal seeds try the same things. */
  seed: number;
  /** Share of the long form: 1 is all of it, 0.01 a hundredth. */
  scale: number;
  /** Shows a line of progress. */
  say(line: string): void;
}

/** What came of a section. */
export interface TortureResult {
  /** How many things were tried. */
  tried: number;
  /** A sentence for each that went wrong; none when all is well. */
  faults: string[];
}

/** One kind of attack on the library. */
export interface Section {
  /** Its name on the command line. */
  name: string;
  /** What is done, and what must hold, in one sentence. */
  summary: string;
  /** Does it. */
  run(options: TortureOptions): Promise<TortureResult>;
}
