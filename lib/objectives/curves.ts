/** Areas under curves whose points are those of thresholds, with Keras' formulas. */

/** Recall over false positives, precision over recall, or the latter two as gains. */
type Curve = "ROC" | "PR" | "PRGAIN";

/** What stands for the height between two points. */
type SummationMethod = "interpolation" | "minoring" | "majoring";

/** What a threshold makes of all labels. */
export interface Point {
  /** What is true and found. */
  truePositives: number;
  /** What is wrongly found. */
  falsePositives: number;
  /** What is rightly left alone. */
  trueNegatives: number;
  /** What is missed. */
  falseNegatives: number;
}

/**
 * The area under a curve.
 *
 * @param buckets By the number of thresholds that they exceed, how many labels are true and how many aren't, in turn.
 */
export function areaUnder(
  { curve, summationMethod }: { curve: Curve; summationMethod: SummationMethod },
  buckets: readonly number[],
): number {
  const points = pointsOf(buckets);
  if (curve === "PR" && summationMethod === "interpolation") return interpolated(points);
  const at = points.map((point) => place(curve, point));
  let area = 0;
  for (let i = 0; i + 1 < at.length; i++) {
    const [here, next] = [at[i]!, at[i + 1]!];
    area += (here.x - next.x) * heightOf(summationMethod, here.y, next.y);
  }
  return area;
}

function heightOf(method: SummationMethod, one: number, other: number): number {
  if (method === "interpolation") return (one + other) / 2;
  return method === "minoring" ? Math.min(one, other) : Math.max(one, other);
}

/**
 * What each threshold makes of all labels, from the least to the greatest.
 *
 * @param buckets By the number of thresholds that they exceed, how many labels are true and how many aren't, in turn.
 */
export function pointsOf(buckets: readonly number[]): Point[] {
  const points: Point[] = [];
  let [positives, negatives] = [0, 0];
  const above: [number, number][] = [];
  for (let i = buckets.length - 2; i >= 0; i -= 2) {
    positives += buckets[i]!;
    negatives += buckets[i + 1]!;
    above.unshift([positives, negatives]);
  }
  for (const [truePositives, falsePositives] of above.slice(1)) {
    points.push({
      truePositives,
      falsePositives,
      trueNegatives: negatives - falsePositives,
      falseNegatives: positives - truePositives,
    });
  }
  return points;
}

function place(curve: Curve, point: Point): { x: number; y: number } {
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = point;
  const recall = ratio(truePositives, truePositives + falseNegatives);
  if (curve === "ROC")
    return { x: ratio(falsePositives, falsePositives + trueNegatives), y: recall };
  if (curve === "PR") return { x: recall, y: ratio(truePositives, truePositives + falsePositives) };
  if (truePositives === 0) return { x: 0, y: 1 };
  const odds = ratio(truePositives + falseNegatives, trueNegatives + falsePositives);
  const gain = (misses: number) => 1 - odds * ratio(misses, truePositives);
  // As in Keras, where a gain of precision below 0 counts as it is.
  return { x: Math.max(gain(falseNegatives), 0), y: gain(falsePositives) };
}

/**
 * Precision over recall with true positives that grow evenly between two points, which precision doesn't.
 *
 * @see Davis and Goadrich, "The relationship between precision-recall and ROC curves", ICML 2006
 */
function interpolated(points: readonly Point[]): number {
  let area = 0;
  for (let i = 0; i + 1 < points.length; i++) {
    const [here, next] = [points[i]!, points[i + 1]!];
    const truePositives = here.truePositives - next.truePositives;
    const [marked, markedNext] = [markedAt(here), markedAt(next)];
    const slope = ratio(truePositives, Math.max(marked - markedNext, 0));
    const intercept = next.truePositives - slope * markedNext;
    const growth = marked > 0 && markedNext > 0 ? marked / markedNext : 1;
    area += ratio(
      slope * (truePositives + intercept * Math.log(growth)),
      next.truePositives + next.falseNegatives,
    );
  }
  return area;
}

function markedAt({ truePositives, falsePositives }: Point): number {
  return truePositives + falsePositives;
}

/** Nothing of nothing is 0. */
export function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
