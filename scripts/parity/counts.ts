/** How many cases and subjects pass. */
import type { Verdict } from "./verdict";

/** Of a group, or of all. */
export interface Count {
  subjects: number;
  passingSubjects: number;
  cases: number;
  passingCases: number;
}

/** What counts: all that Keras itself can make. */
export function counted(verdicts: readonly Verdict[]): Verdict[] {
  return verdicts.filter((each) => each.kerasFails === undefined);
}

/** Whether all is as in Keras. */
export function passes(verdict: Verdict): boolean {
  return verdict.faults.length === 0;
}

/** Counts; a subject passes when its defaults do. */
export function count(verdicts: readonly Verdict[]): Count {
  const cases = counted(verdicts);
  const defaults = cases.filter((each) => each.case.option === "");
  return {
    subjects: defaults.length,
    passingSubjects: defaults.filter(passes).length,
    cases: cases.length,
    passingCases: cases.filter(passes).length,
  };
}

/** `95.2 %`. */
export function share(part: number, all: number): string {
  return all === 0 ? "–" : `${((100 * part) / all).toFixed(1)} %`;
}

/** Verdicts by what `key` says of each, in order. */
export function grouped<T>(all: readonly T[], key: (each: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const name = key(each);
    groups.set(name, [...(groups.get(name) ?? []), each]);
  }
  return groups;
}
