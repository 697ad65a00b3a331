/** Curves of a training run. */
import { checkNumber, checkString, checkTexts, rejectUnknownOptions } from "../checks";
import { invalidArgument } from "../errors";
import { type Direction, directionOf } from "../objectives";
import { Figure } from "./figure";
import { short } from "./numbers";
import type { Layout, ScatterTrace, Trace } from "./specification";
import { baseAxis, baseLayout, colorOf, palette } from "./style";

/** What `fit` returns: for each metric its value after every epoch. */
export interface HistoryLike {
  /** `loss`, `accuracy`, `val_loss`, …; validation values start with `val_`. */
  history: Record<string, readonly number[]>;
  /** Number of each epoch, from 0. @default counted */
  epoch?: readonly number[];
}

/** Options of `plot.history`. */
export interface HistoryOptions {
  /** Names of the runs, for the legend. @default `run 1`, `run 2`, … when there are several */
  names?: readonly string[];
  /** Metrics to draw, one panel each. @default all that the runs hold, loss first */
  metrics?: readonly string[];
  /** What stands above. @default "Training history" */
  title?: string;
  /** Height in pixels. @default 380 */
  height?: number;
}

/** Bookkeeping that callbacks leave in a history; not a curve to judge a model by. */
const notMetrics = new Set(["lr", "learning_rate", "learningRate"]);

/**
 * Draws the metrics of one run or several by epoch: training as dots, validation as a line, and a ring around the best
 * validation epoch (the training one without validation) where the metric's name tells what is better.
 *
 * @param runs What `fit` returned, once or several times.
 * @throws InvalidArgumentError when there is no metric to draw.
 * @example
 * import { plot } from "convnets";
 * const run = { history: { loss: [0.9, 0.4, 0.2], val_loss: [1, 0.6, 0.5] } };
 * plot.history(run).show();
 */
export function history(
  runs: HistoryLike | readonly HistoryLike[],
  options: HistoryOptions = {},
): Figure {
  rejectUnknownOptions(
    options,
    { names: true, metrics: true, title: true, height: true },
    "plot.history()",
  );
  checkString("title", options.title);
  checkTexts("names", options.names, { what: "names of runs" });
  checkTexts("metrics", options.metrics, { what: "names of metrics" });
  checkNumber("height", options.height, { above: 0 });
  const list: readonly HistoryLike[] = Array.isArray(runs) ? runs : [runs as HistoryLike];
  const metrics = options.metrics ?? metricsOf(list);
  if (metrics.length === 0) {
    throw invalidArgument("history", {
      expected: "one run or several with at least one metric",
      received: list.map((run) => run.history),
    });
  }
  const names = options.names ?? (list.length === 1 ? [""] : list.map((_, i) => `run ${i + 1}`));
  if (names.length !== list.length) {
    throw invalidArgument("names", { expected: `${list.length} names`, received: names });
  }

  // With few epochs an axis left to itself counts in halves.
  const longest = Math.max(
    ...list.flatMap((run) => Object.values(run.history).map(({ length }) => length)),
  );
  const data: Trace[] = [];
  const summary: string[] = [];
  const layout: Layout = baseLayout(options.title ?? "Training history", {
    height: options.height ?? 380,
  });
  for (const [panel, metric] of metrics.entries()) {
    const suffix = panel === 0 ? "" : String(panel + 1);
    layout[`xaxis${suffix}`] = baseAxis("epoch", {
      range: [0, longest + 1],
      ...(longest <= 12 ? { dtick: 1 } : {}),
      domain: panelDomain(panel, metrics.length),
      anchor: `y${suffix}`,
    });
    layout[`yaxis${suffix}`] = baseAxis(metricTitle(metric), { anchor: `x${suffix}` });
    for (const [index, run] of list.entries()) {
      const curves = runCurves(run, metric, {
        name: names[index]!,
        index,
        alone: list.length === 1,
      });
      for (const trace of curves.traces) {
        data.push({
          ...trace,
          xaxis: `x${suffix}`,
          yaxis: `y${suffix}`,
          showlegend: panel === 0 && trace.showlegend,
        });
      }
      summary.push(...curves.summary);
    }
  }
  return new Figure(data, layout, { text: [layout.title!.text, ...summary].join("\n") });
}

function metricsOf(runs: readonly HistoryLike[]): string[] {
  const found = new Set(runs.flatMap((run) => Object.keys(run.history)));
  const metrics = [...found]
    .map((name) => name.replace(/^val_/, ""))
    .filter((name) => !notMetrics.has(name));
  return [...new Set(metrics)].sort((a, b) => Number(b === "loss") - Number(a === "loss"));
}

function panelDomain(panel: number, count: number): readonly [number, number] {
  if (count === 1) return [0, 1];
  const gap = 0.12;
  const width = (1 - gap * (count - 1)) / count;
  const start = panel * (width + gap);
  return [round(start), round(start + width)];
}

function metricTitle(metric: string): string {
  return metric === "acc" ? "accuracy" : metric.replaceAll("_", " ");
}

interface RunPlace {
  name: string;
  index: number;
  /** A run alone takes two colours, one for training and one for validation. */
  alone: boolean;
}

function runCurves(
  run: HistoryLike,
  metric: string,
  place: RunPlace,
): { traces: ScatterTrace[]; summary: string[] } {
  const training = run.history[metric];
  const validation = run.history[`val_${metric}`];
  const judged = validation ?? training;
  if (judged === undefined) return { traces: [], summary: [] };
  const epochs = judged.map((_, i) => (run.epoch?.[i] ?? i) + 1);
  const trainingColor = colorOf(place.index);
  const validationColor = place.alone ? palette[1] : trainingColor;
  const label = (what: string) => (place.alone ? what : `${place.name} ${what}`);
  const common = { type: "scatter", x: epochs, legendgroup: place.name } as const;
  const hovertemplate = `epoch %{x}: %{y:.4g}<extra>%{fullData.name}</extra>`;

  const traces: ScatterTrace[] = [];
  if (training !== undefined) {
    traces.push({
      ...common,
      name: label("training"),
      mode: "markers",
      y: training,
      hovertemplate,
      showlegend: true,
      marker: { color: trainingColor, size: 7 },
    });
  }
  if (validation !== undefined) {
    traces.push({
      ...common,
      name: label("validation"),
      mode: validation.length > 1 ? "lines" : "lines+markers",
      y: validation,
      hovertemplate,
      showlegend: true,
      line: { color: validationColor, width: 2.5 },
    });
  }
  const direction = directionOf(metric);
  const best = direction && bestIndex(judged, direction);
  if (best !== undefined) {
    traces.push({
      ...common,
      name: label("best epoch"),
      mode: "markers",
      x: [epochs[best]!],
      y: [judged[best]!],
      hovertemplate: `best: %{y:.4g} at epoch %{x}<extra></extra>`,
      showlegend: place.alone,
      marker: {
        color: validation === undefined ? trainingColor : validationColor,
        size: 15,
        symbol: "circle-open",
        line: { width: 2 },
      },
    });
  }
  return {
    traces,
    summary: [summarize(metric, place.name, { training, validation, best, epochs })],
  };
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

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
