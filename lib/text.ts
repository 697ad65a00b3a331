/** Text for people: amounts of bytes, durations, bars. What Keras prints in a form of its own stays where it is printed. */

/** Powers of 1000 for files and rates; powers of 1024, as Keras' summary has them, for memory. */
const byteStyles = {
  decimal: { step: 1000, units: ["B", "kB", "MB", "GB", "TB", "PB"] },
  binary: { step: 1024, units: ["B", "KB", "MB", "GB", "TB", "PB"] },
} as const;

/**
 * `852 MB`, `1.24 GB`: the largest unit that leaves at least 1.
 *
 * @param options.style `"decimal"`: powers of 1000, three figures; `"binary"`: powers of 1024, two decimals. `"decimal"` by
 *   default.
 */
export function formatBytes(
  bytes: number,
  { style = "decimal" }: { style?: keyof typeof byteStyles } = {},
): string {
  const { step, units } = byteStyles[style];
  // What would be rounded to 1000 takes the next unit.
  const most = style === "decimal" ? 999.5 : step;
  let value = bytes;
  let unit = 0;
  while (value >= most && unit < units.length - 1) {
    value /= step;
    unit++;
  }
  if (style === "binary") return `${value.toFixed(2)} ${units[unit]}`;
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/**
 * `48 s`, `3 min 20 s`, `2 h 05 min`.
 *
 * @param options.tenths Whether less than ten seconds are told to the tenth: `0.4 s`. False by default.
 */
export function formatDuration(
  seconds: number,
  { tenths = false }: { tenths?: boolean } = {},
): string {
  if (tenths && seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)} s`;
  const total = Math.max(0, Math.round(seconds));
  if (total < 60) return `${total} s`;
  const minutes = Math.floor(total / 60);
  if (minutes < 60) return `${minutes} min ${String(total % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** `1 image`, `60,000 images`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

/** `━━━━━━──────`: how much is done, as Keras draws it. */
export function formatBar(share: number, width = 20): string {
  const filled = Math.floor(Math.min(1, Math.max(0, share)) * width);
  return "━".repeat(filled) + "─".repeat(width - filled);
}

/** The known name that was meant: of the same letters, else the one that fewest typing errors lead to, two at most. */
export function nameMeant(name: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.replaceAll(/[_\s-]/g, "").toLowerCase();
  const given = plain(name);
  const most = Math.min(2, Math.floor(given.length / 3));
  const found = known
    .map((each) => ({ each, errors: errorsBetween(given, plain(each)) }))
    .sort((a, b) => a.errors - b.errors)[0];
  return found !== undefined && found.errors <= most ? found.each : undefined;
}

/** How many letters must be put in, left out or replaced (Levenshtein). */
function errorsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let k = 1; k <= other.length; k++) {
      const replaced = row[k - 1]! + (one[i - 1] === other[k - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[k]! + 1, next[k - 1]! + 1));
    }
    row = next;
  }
  return row.at(-1)!;
}
