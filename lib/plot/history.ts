/** Curves of a training run. */
import { checkNumber, checkString, checkTexts, rejectUnknownOptions } from "../checks";
import { invalidArgument } from "../errors";
import { Figure } from "./figure";
import { panelHeight, placePanels } from "./panels";
import { type HistoryLike, runCurves } from "./runCurves";
import type { Axis, Layout, ScatterTrace, Trace } from "./specification";
import { baseAxis, baseLayout, rangeModeOf } from "./style";

/** Options of `plot.history`. */
export interface HistoryOptions {
  /** Names of the runs, for the legend. @default `run 1`, `run 2`, … when there are several */
  names?: readonly string[];
  /** Metrics to draw, one panel each. @default all that the runs hold, loss first */
  metrics?: readonly string[];
  /** What stands above. @default "Training history" */
  title?: string;
  /** Height in pixels. @default 380, more where there are more than three metrics */
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

  const isSingle = list.length === 1;
  const places = placePanels(metrics.length);
  const curves = metrics.map((metric) =>
    list.flatMap((run, index) => runCurves(run, metric, { name: names[index]!, index, isSingle })),
  );
  const traces = curves.flatMap((panel) => panel.flatMap((run) => run.traces));
  const title = options.title ?? "Training history";
  const layout: Layout = baseLayout(
    {
      title,
      subtitle: isSingle ? undefined : marksText(traces),
      legend: isSingle ? ["training", "validation", "best epoch"] : names,
      headings: true,
    },
    { height: options.height ?? panelHeight(metrics.length) },
  );
  layout.annotations = metrics.map((metric, panel) => ({
    text: metricTitle(metric),
    font: { size: 13.5, weight: 600 },
    xref: `x${suffixOf(panel)} domain`,
    yref: `y${suffixOf(panel)} domain`,
    x: 0,
    y: 1,
    xanchor: "left",
    yanchor: "bottom",
    yshift: 5,
    showarrow: false,
  }));
  const data: Trace[] = [];
  const inLegend = new Set<string | undefined>();
  for (const [panel, runCurvesOfPanel] of curves.entries()) {
    const suffix = suffixOf(panel);
    const mine = runCurvesOfPanel.flatMap((run) => run.traces);
    layout[`xaxis${suffix}`] = baseAxis("epoch", {
      ...epochAxis(mine),
      domain: places[panel]!.x,
      anchor: `y${suffix}`,
    });
    layout[`yaxis${suffix}`] = baseAxis(undefined, {
      ...rangeModeOf(mine.flatMap(({ y }) => y as number[])),
      domain: places[panel]!.y,
      anchor: `x${suffix}`,
    });
    for (const trace of mine) {
      const showlegend = trace.showlegend && !inLegend.has(trace.name);
      if (showlegend) inLegend.add(trace.name);
      data.push({ ...trace, xaxis: `x${suffix}`, yaxis: `y${suffix}`, showlegend });
    }
  }
  const summary = curves.flat().map((run) => run.summary);
  return new Figure(data, layout, { text: [title, ...summary].join("\n") });
}

function suffixOf(panel: number): string {
  return panel === 0 ? "" : String(panel + 1);
}

/** All epochs with a little room; with few of them an axis left to itself counts in halves. */
function epochAxis(traces: readonly ScatterTrace[]): Pick<Axis, "range" | "dtick"> {
  const epochs = traces.flatMap(({ x }) => x as number[]);
  const first = epochs.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const last = epochs.reduce((a, b) => Math.max(a, b), 1);
  const count = last - Math.min(first, last);
  const dtick = count <= 7 ? 1 : count <= 16 ? 2 : undefined;
  return { range: [Math.min(first, last) - 1, last + 1], ...(dtick !== undefined && { dtick }) };
}

/** What the marks of several runs mean, of which the legend tells the colours. */
function marksText(traces: readonly ScatterTrace[]): string {
  const has = (part: (trace: ScatterTrace) => boolean) => traces.some(part);
  return [
    has(({ mode, marker }) => mode === "markers" && marker?.symbol === undefined) &&
      "dots: training",
    has(({ mode }) => mode !== "markers") && "lines: validation",
    has(({ marker }) => marker?.symbol === "circle-open") && "rings: best epoch",
  ]
    .filter((part) => part !== false)
    .join(", ");
}

function metricsOf(runs: readonly HistoryLike[]): string[] {
  const found = new Set(runs.flatMap((run) => Object.keys(run.history)));
  const metrics = [...found]
    .map((name) => name.replace(/^val_/, ""))
    .filter((name) => !notMetrics.has(name));
  return [...new Set(metrics)].sort((a, b) => Number(b === "loss") - Number(a === "loss"));
}

function metricTitle(metric: string): string {
  return metric === "acc" ? "accuracy" : metric.replaceAll("_", " ");
}
