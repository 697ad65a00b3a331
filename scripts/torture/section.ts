/** One part of `npm run torture`. */

/** How a section is run. */
export interface SectionOptions {
  /** What is random follows from it. */
  seed: number;
  /** How much is tried: 1 is the long form, 0.1 a tenth of it. */
  scale: number;
  /** Shows a line of progress. */
  say(line: string): void;
}

/** What a section has seen. */
export interface SectionResult {
  /** How many faults were injected. */
  tried: number;
  /** What went wrong, a sentence each; none where all is well. */
  faults: string[];
}

/** One kind of attack: a file of its own, named in `sections.ts`. */
export interface Section {
  /** As `npm run torture -- NAME` names it. */
  name: string;
  /** What is done, in one line. */
  summary: string;
  run(options: SectionOptions): Promise<SectionResult>;
}
