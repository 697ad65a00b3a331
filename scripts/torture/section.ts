/** What each part of `npm run torture` is. */

/** One kind of torture: it does something bad many times over and says what came of it. */
export interface Section {
  /** What it is called on the command line. */
  readonly name: string;
  /** What it does, in one line. */
  readonly summary: string;
  /**
   * Does it.
   *
   * @param options.seed Which of the possible misfortunes; the same ones for the same seed.
   * @param options.scale How many: 1 is the long form, a test takes a hundredth of it or so.
   * @param options.say Takes a line about how it goes.
   * @returns How many misfortunes there were, and a sentence for each that was not survived.
   */
  run(options: {
    seed: number;
    scale: number;
    say(line: string): void;
  }): Promise<{ tried: number; faults: string[] }>;
}
