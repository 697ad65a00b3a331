/** Whether graphs are used as often as making them is worth. */
import { NotCompilableError } from "../graph";

/** So many graphs are made whatever they are used for. */
const FREE_COMPILATIONS = 4;

/** Steps that each further graph must have been used for, on average: making one takes as long as some eager steps. */
const STEPS_EACH = 16;

/** Counts steps and graphs. */
export class Worth {
  private compilations = 0;
  private steps = 0;

  /** @param hint What each graph is for. */
  constructor(private readonly hint: string) {}

  /** Counts steps. */
  count(steps = 1): void {
    this.steps += steps;
  }

  /**
   * Counts a graph.
   *
   * @param because What has changed since the last one was made, in words, and what to do about it; left out where it is
   *   what the graph is for.
   * @throws NotCompilableError when one after another is made and hardly used.
   */
  check(because?: { changed: string; hint: string }): void {
    const { compilations, steps } = this;
    this.compilations++;
    if (compilations < FREE_COMPILATIONS || steps >= STEPS_EACH * compilations) return;
    throw new NotCompilableError(
      `${compilations} graphs were made in ${steps} steps, and another is needed${because ? `, after a change of ${because.changed}` : ""}`,
      { hint: because?.hint ?? this.hint },
    );
  }
}
