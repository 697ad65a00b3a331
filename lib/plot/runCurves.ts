/** The curves of one run. */
import { type Direction, directionOf } from "../objectives";
import { short } from "./numbers";
import type { ScatterTrace } from "./specification";
import { colorOf, palette } from "./style";

/** What `fit` returns: for each metric its value after every epoch. */
export interface HistoryLike {
  /** `loss`, `accuracy`, `val_loss`, …; validation values start with `val_`. */
  history: Record<string, readonly number[]>;
  /** Number of each epoch, from 0. @default counted */
  epoch?: readonly number[];
}

interface RunPlace {
  name: string;
  index: number;
  /** A run alone takes two colours, one for training and one for validation. */
  isSingle: boolean;
}

/** The curves of a run for one metric, and a line that tells of them; none where the run has no such metric. */
export function runCurves(
  run: HistoryLike,
  metric: string,
  { name, index, isSingle }: RunPlace,
): { traces: ScatterTrace[]; summary: string }[] {
  const training = run.history[metric];
  const validation = run.history[`val_${metric}`];
  const judged = validation ?? training;
  if (judged === undefined) return [];
  const epochs = judged.map((_, i) => (run.epoch?.[i] ?? i) + 1);
  const trainingColor = colorOf(index);
  const validationColor = isSingle ? palette[1] : trainingColor;
  const common = (what: string) => ({
    type: "scatter" as const,
    // Of several runs the legend tells the colours only, and what one click hides is the whole run.
    ...(isSingle ? {} : { legendgroup: name }),
    name: isSingle ? what : `${name} ${what}`,
    x: epochs,
    hovertemplate: `epoch %{x:d}: %{y:.4~g}<extra>${isSingle ? what : `${name} ${what}`}</extra>`,
    showlegend: isSingle,
    cliponaxis: false,
  });

  const traces: ScatterTrace[] = [];
  if (training !== undefined) {
    traces.push({
      ...common("training"),
      mode: "markers",
      y: training,
      marker: { color: trainingColor, size: 7 },
    });
  }
  if (validation !== undefined) {
    traces.push({
      ...common("validation"),
      mode: validation.length > 1 ? "lines" : "lines+markers",
      y: validation,
      line: { color: validationColor, width: 2.5 },
    });
  }
  const named = traces.at(-1)!;
  if (!isSingle) Object.assign(named, { name, showlegend: true });
  const direction = directionOf(metric);
  const best = direction && bestIndex(judged, direction);
  if (best !== undefined) {
    traces.push({
      ...common("best epoch"),
      mode: "markers",
      x: [epochs[best]!],
      y: [judged[best]!],
      hovertemplate: "best: %{y:.4~g} at epoch %{x:d}<extra></extra>",
      marker: {
        color: validation === undefined ? trainingColor : validationColor,
        size: 15,
        symbol: "circle-open",
        line: { width: 2 },
      },
    });
  }
  return [{ traces, summary: summarize(metric, name, { training, validation, best, epochs }) }];
}

function bestIndex(values: readonly number[], direction: Direction): number | undefined {
  let best: number | undefined;
  for (const [index, value] of values.entries()) {
    if (!Number.isFinite(value)) continue;
    const reference = best === undefined ? value : values[best]!;
    const isBetter = direction === "up" ? value > reference : value < reference;
    if (best === undefined || isBetter) best = index;
  }
  return best;
}

function summarize(
  metric: string,
  name: string,
  curves: {
    training?: readonly number[];
    validation?: readonly number[];
    best?: number;
    epochs: readonly number[];
  },
): string {
  const span = (values: readonly number[]) => `${short(values[0]!)} → ${short(values.at(-1)!)}`;
  const parts: string[] = [];
  if (curves.training?.length) parts.push(`training ${span(curves.training)}`);
  if (curves.validation?.length) parts.push(`validation ${span(curves.validation)}`);
  if (curves.best !== undefined)
    parts.push(
      `best ${short((curves.validation ?? curves.training)![curves.best]!)} at epoch ${curves.epochs[curves.best]}`,
    );
  return `${name === "" ? "" : `${name}: `}${metric}: ${parts.join(", ")}`;
}
