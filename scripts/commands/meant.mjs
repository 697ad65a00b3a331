// @ts-check
/** "Did you mean …?", for programs that run before the library is compiled. */

/**
 * The known name that was meant: the one that fewest typing errors lead to, two at most; else one that begins so.
 * @param {string} given
 * @param {readonly string[]} known
 * @returns {string | undefined}
 */
export function nameMeant(given, known) {
  const letters = given.replace(/^-+/, "").toLowerCase();
  const most = Math.min(2, Math.floor(letters.length / 3));
  const [best] = known
    .map((name) => ({
      name,
      errors: errorsBetween(letters, name.replace(/^-+/, "").toLowerCase()),
    }))
    .sort((a, b) => a.errors - b.errors);
  if (best !== undefined && best.errors <= most) return best.name;
  const beginning = known.filter((name) =>
    name.replace(/^-+/, "").toLowerCase().startsWith(letters),
  );
  return letters !== "" && beginning.length === 1 ? beginning[0] : undefined;
}

/**
 * How many letters must be put in, left out, replaced, or changed with the next (Damerau and Levenshtein).
 * @param {string} one
 * @param {string} other
 */
function errorsBetween(one, other) {
  /** @type {number[]} */
  let last = [];
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let k = 1; k <= other.length; k++) {
      const replaced = (row[k - 1] ?? 0) + (one[i - 1] === other[k - 1] ? 0 : 1);
      const least = Math.min(replaced, (row[k] ?? 0) + 1, (next[k - 1] ?? 0) + 1);
      const isTurned = i > 1 && k > 1 && one[i - 1] === other[k - 2] && one[i - 2] === other[k - 1];
      next.push(isTurned ? Math.min(least, (last[k - 2] ?? 0) + 1) : least);
    }
    last = row;
    row = next;
  }
  return row.at(-1) ?? 0;
}
