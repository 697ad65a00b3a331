// @ts-check
/** What is said of a command line that can't be understood: one line. */
import { nameMeant } from "./meant.mjs";

/** A command line that can't be understood. */
export class UsageError extends Error {}

/**
 * @param {string} message
 * @param {{ given: string, known: readonly string[] }} [names] A name that isn't known, and those that are.
 * @returns {never}
 */
export function wrong(message, names) {
  if (names === undefined) throw new UsageError(message);
  const meant = nameMeant(names.given, names.known);
  const hint = meant === undefined ? "" : ` Did you mean ${meant}?`;
  throw new UsageError(`${message} There are: ${names.known.join(", ") || "none"}.${hint}`);
}
