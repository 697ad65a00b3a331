/** Everyday charts: lines, points, bars and distributions. */
import {
  checkBoolean,
  checkNumber,
  checkPair,
  checkString,
  checkWhole,
  type KnownOptions,
  rejectUnknownOptions,
} from "../checks";
import { invalidArgument } from "../errors";
import { Figure } from "./figure";
import { type Numbers, toNumbers } from "./numbers";
import type { BarTrace, Datum, Layout, PlotlyFigure, ScatterTrace, Trace } from "./specification";
import { baseAxis, baseLayout, colorOf } from "./style";

/** Options that every chart takes. */
export interface ChartOptions {
  /** What stands above. @default none */
  title?: string;
  /** What the x axis measures, with its unit: `time (ms)`. @default none */
  xTitle?: string;
  /** What the y axis measures, with its unit. @default none; of `plot.histogram` count */
  yTitle?: string;
  /** Height in pixels. @default 400 */
  height?: number;
}

/** Options of `plot.line` and `plot.scatter`. */
export interface XyOptions extends ChartOptions {
  /** Positions along the x axis. @default 0, 1, 2, … */
  x?: Numbers | readonly Datum[];
  /** A logarithmic y axis. @default false */
  logY?: boolean;
}

/** One series of numbers, or several by name. */
export type Series = Numbers | Readonly<Record<string, Numbers>>;

const chartOptions: KnownOptions<ChartOptions> = {
  title: true,
  xTitle: true,
  yTitle: true,
  height: true,
};

/**
 * Draws one line, or several by name: `plot.line({ loss, accuracy })`.
 *
 * @param y One series, or several by name. Tensors stay the caller's.
 * @throws InvalidArgumentError when `x` and a series differ in length.
 * @example
 * import { plot } from "convnets";
 * plot.line({ loss: [0.9, 0.4, 0.2], "val loss": [1, 0.6, 0.5] }, { xTitle: "epoch" }).show();
 */
export function line(y: Series, options: XyOptions = {}): Figure {
  return xyChart(y, options, { where: "plot.line()", mode: "lines" });
}

/**
 * Draws points.
 *
 * @param y One series, or several by name. Tensors stay the caller's.
 * @throws InvalidArgumentError when `x` and a series differ in length.
 * @example
 * import { plot } from "convnets";
 * plot.scatter([1, 4, 9], { x: [1, 2, 3], title: "squares" }).show();
 */
export function scatter(y: Series, options: XyOptions = {}): Figure {
  return xyChart(y, options, { where: "plot.scatter()", mode: "markers" });
}

function xyChart(
  y: Series,
  options: XyOptions,
  { where, mode }: { where: string; mode: "lines" | "markers" },
): Figure {
  rejectUnknownOptions(options, { ...chartOptions, x: true, logY: true }, where);
  checkChartOptions(options);
  checkBoolean("logY", options.logY);
  const data = namedSeries(y).map(([name, values], index): ScatterTrace => {
    const x = positions(options.x, values.length);
    const style =
      mode === "lines"
        ? { line: { color: colorOf(index), width: 2.5 } }
        : { marker: { color: colorOf(index), size: 7, opacity: 0.8 } };
    return {
      type: "scatter",
      mode,
      x,
      y: values,
      ...(name === undefined ? {} : { name }),
      ...style,
    };
  });
  return new Figure(data, chartLayout(options, options.logY ? "log" : undefined));
}

/** Options of `plot.bar`. */
export interface BarOptions extends ChartOptions {
  /** Names of the bars. @default the keys, or 0, 1, 2, … */
  x?: readonly Datum[];
}

/**
 * Draws one bar for each value: `plot.bar({ cats: 1000, dogs: 1000 })` or `plot.bar([3, 1], { x: ["a", "b"] })`.
 *
 * @param values A height for each bar, perhaps by name. A tensor stays the caller's.
 * @throws InvalidArgumentError when `x` and `values` differ in length.
 * @example
 * import { plot } from "convnets";
 * plot.bar({ cats: 1000, dogs: 1000 }, { yTitle: "pictures" }).show();
 */
export function bar(
  values: Numbers | Readonly<Record<string, number>>,
  options: BarOptions = {},
): Figure {
  rejectUnknownOptions(options, { ...chartOptions, x: true }, "plot.bar()");
  checkChartOptions(options);
  const heights = isNumbers(values) ? toNumbers(values) : Object.values(values);
  const names = options.x ?? (isNumbers(values) ? undefined : Object.keys(values));
  const trace: BarTrace = {
    type: "bar",
    x: positions(names, heights.length).map(String),
    y: heights,
    marker: { color: colorOf(0) },
  };
  const layout = chartLayout(options);
  layout.xaxis = { ...layout.xaxis, type: "category", showgrid: false };
  return new Figure([trace], { ...layout, bargap: 0.3 });
}

/** Options of `plot.histogram`. */
export interface HistogramOptions extends ChartOptions {
  /** Number of bins. @default chosen from the number of values, 10 to 60 */
  bins?: number;
  /** Least and greatest value that are counted. @default those of the data */
  range?: readonly [number, number];
}

/**
 * Counts values in bins of equal width; several series by name lie over each other.
 *
 * @param values One series, or several by name. Tensors stay the caller's.
 * @throws InvalidArgumentError when no value is finite, or `bins` is no positive integer.
 * @example
 * import { plot, tf } from "convnets";
 * plot.histogram(tf.randomNormal([1000]), { bins: 30 }).show();
 */
export function histogram(values: Series, options: HistogramOptions = {}): Figure {
  rejectUnknownOptions(options, { ...chartOptions, bins: true, range: true }, "plot.histogram()");
  checkChartOptions(options);
  const series = namedSeries(values);
  const all = series.flatMap(([, numbers]) => numbers.filter(Number.isFinite));
  if (all.length === 0) {
    throw invalidArgument("values", { expected: "at least one finite number", received: values });
  }
  const bins = options.bins ?? Math.min(60, Math.max(10, Math.ceil(Math.sqrt(all.length))));
  checkWhole("bins", bins, { low: 1, high: 10_000 });
  checkPair("range", options.range);
  const [low, high] = options.range ?? extent(all);
  const width = (high - low) / bins;
  const data = series.map(
    ([name, numbers], index): BarTrace => ({
      type: "bar",
      ...(name === undefined ? {} : { name }),
      x: Array.from({ length: bins }, (_, i) => low + (i + 0.5) * width),
      y: countInBins(numbers, { low, width, bins }),
      width: new Array<number>(bins).fill(width),
      marker: { color: colorOf(index), opacity: series.length > 1 ? 0.6 : 0.9 },
      hovertemplate: "around %{x:.4g}: %{y}<extra></extra>",
    }),
  );
  const layout = chartLayout({ yTitle: "count", ...options });
  return new Figure(data, { ...layout, barmode: "overlay", bargap: 0 });
}

function countInBins(
  numbers: readonly number[],
  { low, width, bins }: { low: number; width: number; bins: number },
): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of numbers) {
    const bin = Math.floor((value - low) / width);
    // The greatest value lies on the last bin's edge and belongs to it.
    const index = bin === bins && value <= low + bins * width ? bins - 1 : bin;
    if (index >= 0 && index < bins) counts[index]! += 1;
  }
  return counts;
}

/** Least and greatest number; a constant gets a range of one around it. */
function extent(numbers: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of numbers) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** Options of `figure`. */
export interface FigureOptions {
  /** What stands for the figure where it can't be drawn. @default a line for each trace */
  text?: string;
}

/**
 * Wraps a Plotly specification of your own, in this library's look unless its layout says otherwise.
 *
 * @param specification Traces, layout and config in Plotly's terms.
 * @example
 * import { plot } from "convnets";
 * plot.figure({ data: [{ type: "pie", labels: ["cats", "dogs"], values: [3, 2] }] }).show();
 * @see https://plotly.com/javascript/reference/
 */
export function figure(specification: PlotlyFigure, options: FigureOptions = {}): Figure {
  rejectUnknownOptions(options, { text: true }, "plot.figure()");
  checkString("text", options.text);
  const layout = { ...baseLayout(undefined, {}), ...specification.layout } as Layout;
  return new Figure(specification.data as readonly Trace[], layout, options);
}

function checkChartOptions({ title, xTitle, yTitle, height }: ChartOptions): void {
  for (const [name, text] of Object.entries({ title, xTitle, yTitle })) checkString(name, text);
  checkNumber("height", height, { above: 0 });
}

function chartLayout(options: ChartOptions, yType?: "log"): Layout {
  return baseLayout(options.title, {
    ...(options.height === undefined ? {} : { height: options.height }),
    xaxis: baseAxis(options.xTitle),
    yaxis: baseAxis(options.yTitle, yType === undefined ? {} : { type: yType }),
  });
}

function isNumbers(values: Numbers | Readonly<Record<string, unknown>>): values is Numbers {
  return "length" in values || typeof (values as { dataSync?: unknown }).dataSync === "function";
}

function namedSeries(series: Series): [name: string | undefined, values: number[]][] {
  if (isNumbers(series)) return [[undefined, toNumbers(series)]];
  return Object.entries(series).map(([name, values]) => [name, toNumbers(values)]);
}

function positions(x: Numbers | readonly Datum[] | undefined, count: number): Datum[] {
  if (x === undefined) return Array.from({ length: count }, (_, i) => i);
  const list: Datum[] = Array.isArray(x) ? [...x] : toNumbers(x as Numbers, "x");
  if (list.length !== count) {
    throw invalidArgument("x", {
      expected: `${count} positions, one for each value`,
      received: list.length,
    });
  }
  return list;
}
