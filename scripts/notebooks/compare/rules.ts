/**
 * What a cell allows to vary.
 *
 * A cell says so in its metadata, never in its source:
 *
 * ```json
 * "metadata": { "convnets": { "fixture": {
 *   "reason": "the loss depends on the processor's rounding",
 *   "tolerance": { "relative": 0.05, "absolute": 0.01, "picture": 0.2 },
 *   "ranges": [{ "pattern": "Test accuracy: ([\\d.]+)", "min": 0.985, "max": 1 }],
 *   "varies": ["plotly"],
 *   "skip": ["stderr"]
 * } } }
 * ```
 *
 * or by the tag `varies`, which is short for `"varies"` with every kind of output. A cell without
 * either must give the same output, but for times, dates and rates (see normalise.ts).
 */

import type { Cell } from "./notebook";

const OUTPUT_KINDS = ["stdout", "stderr", "text", "html", "picture", "plotly", "json"] as const;
export type OutputKind = (typeof OUTPUT_KINDS)[number];

export interface Tolerance {
  /** Share of the expected value that a decimal number may differ by. Default 0. */
  relative: number;
  /** Amount that a decimal number may differ by, on top of `relative`. Default 0. */
  absolute: number;
  /** Whether whole numbers have the tolerance too: counts and shapes are exact unless this is set. Default false. */
  integers: boolean;
  /** Share of a picture's area that may look different. Default 0. */
  picture: number;
}

export interface Range {
  /** Regular expression whose first group is the number. */
  pattern: RegExp;
  min: number;
  max: number;
}

export interface Rules {
  tolerance: Tolerance;
  /** Numbers that must be there and lie within bounds of their own, whatever the committed value. */
  ranges: Range[];
  /** Kinds of output that must be there, with any content. */
  varies: ReadonlySet<OutputKind>;
  /** Kinds of output that are not looked at. */
  skip: ReadonlySet<OutputKind>;
}

const EXACT: Tolerance = { relative: 0, absolute: 0, integers: false, picture: 0 };

/**
 * The rules of a cell.
 *
 * @throws Error when the metadata holds a name or a value that has no meaning here.
 */
export function rulesOf(cell: Cell): Rules {
  const fixture = objectAt(cell.metadata.convnets, "convnets").fixture;
  const given = objectAt(fixture, "fixture");
  const tags = cell.metadata.tags ?? [];
  onlyKnown(given, ["reason", "tolerance", "ranges", "varies", "skip"], "fixture");
  if (fixture !== undefined && (typeof given.reason !== "string" || given.reason.trim() === "")) {
    throw new Error("`fixture.reason` must say in a sentence why the output may vary");
  }
  const varies = kindsAt(given.varies, "varies");
  return {
    tolerance: toleranceAt(given.tolerance),
    ranges: rangesAt(given.ranges),
    varies: tags.includes("varies") ? new Set(OUTPUT_KINDS) : varies,
    skip: kindsAt(given.skip, "skip"),
  };
}

function toleranceAt(value: unknown): Tolerance {
  const given = objectAt(value, "tolerance");
  onlyKnown(given, Object.keys(EXACT), "tolerance");
  for (const [name, amount] of Object.entries(given)) {
    const allowed = name === "integers" ? typeof amount === "boolean" : isAmount(amount);
    if (!allowed) throw new Error(`\`tolerance.${name}\` can't be ${JSON.stringify(amount)}`);
  }
  return { ...EXACT, ...given };
}

function rangesAt(value: unknown = []): Range[] {
  if (!Array.isArray(value)) throw new Error("`ranges` must be a list");
  return value.map((entry: unknown) => {
    const range = objectAt(entry, "ranges");
    onlyKnown(range, ["pattern", "min", "max"], "ranges");
    const { pattern, min, max } = range;
    if (typeof pattern !== "string" || typeof min !== "number" || typeof max !== "number") {
      throw new Error("each of `ranges` needs a `pattern` and the numbers `min` and `max`");
    }
    return { pattern: new RegExp(pattern, "g"), min, max };
  });
}

function kindsAt(value: unknown, name: string): Set<OutputKind> {
  if (value === undefined) return new Set();
  if (!Array.isArray(value)) throw new Error(`\`${name}\` must be a list`);
  for (const kind of value) {
    if (!OUTPUT_KINDS.includes(kind)) {
      throw new Error(`\`${name}\` can't hold "${kind}"; known: ${OUTPUT_KINDS.join(", ")}`);
    }
  }
  return new Set(value as OutputKind[]);
}

function isAmount(value: unknown): boolean {
  return typeof value === "number" && value >= 0;
}

function objectAt(value: unknown, name: string): Record<string, unknown> {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`\`${name}\` in a cell's metadata must be an object`);
  }
  return value as Record<string, unknown>;
}

function onlyKnown(value: object, known: readonly string[], where: string): void {
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) {
      throw new Error(`\`${where}\` has no setting \`${name}\`; known: ${known.join(", ")}`);
    }
  }
}
