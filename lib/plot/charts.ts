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
import type { Axis, BarTrace, Datum, Layout, ScatterTrace } from "./specification";
import { baseAxis, baseLayout, colorOf, rangeModeOf } from "./style";

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
  const series = namedSeries(y);
  const data = series.map(([name, values], index): ScatterTrace => {
    const x = positions(options.x, values.length);
    const style =
      mode === "lines"
        ? { line: { color: colorOf(index), width: 2.5 } }
        : { marker: { color: colorOf(index), size: 7, opacity: 0.8 } };
    return {
      type: "scatter",
      // A line through one point would not be seen.
      mode: mode === "lines" && values.length === 1 ? "lines+markers" : mode,
      x,
      y: values,
      ...(name === undefined ? {} : { name }),
      ...style,
      ...hoverOf(x, { name, value: "%{y:.4~g}" }),
      cliponaxis: false,
    };
  });
  const values = data.flatMap((trace) => trace.y as number[]);
  const yAxis: Axis = options.logY ? { type: "log" } : rangeModeOf(values);
  return new Figure(data, chartLayout(options, { yAxis, names: series.map(([name]) => name) }));
}

/**
 * What the pointer tells of a point. It brings its own form of each number: what stands at the axes is in the page's
 * colour, which may not be read on a label.
 */
function hoverOf(
  x: readonly Datum[],
  { name = "", value }: { name: string | undefined; value: string },
): { hovertemplate: string; customdata?: readonly Datum[] } {
  const isNumeric = x.every((each) => typeof each === "number");
  const where = isNumeric ? "%{x:.4~g}" : "%{customdata}";
  const hovertemplate = `${where}: ${value}<extra>${name}</extra>`;
  return isNumeric ? { hovertemplate } : { hovertemplate, customdata: x };
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
  const x = positions(names, heights.length).map(String);
  const trace: BarTrace = {
    type: "bar",
    x,
    y: heights,
    marker: { color: colorOf(0) },
    ...hoverOf(x, { name: undefined, value: "%{y:,}" }),
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
      hovertemplate: `around %{x:.4~g}: %{y:d}<extra>${name ?? ""}</extra>`,
    }),
  );
  const names = series.map(([name]) => name);
  const layout = chartLayout({ yTitle: "count", ...options }, { names });
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

function checkChartOptions({ title, xTitle, yTitle, height }: ChartOptions): void {
  for (const [name, text] of Object.entries({ title, xTitle, yTitle })) checkString(name, text);
  checkNumber("height", height, { above: 0 });
}

function chartLayout(
  { title, xTitle, yTitle, height }: ChartOptions,
  { yAxis, names = [] }: { yAxis?: Axis; names?: readonly (string | undefined)[] } = {},
): Layout {
  const legend = names.filter((name) => name !== undefined);
  return baseLayout(
    { title, legend },
    {
      ...(height === undefined ? {} : { height }),
      xaxis: baseAxis(xTitle),
      yaxis: baseAxis(yTitle, yAxis),
    },
  );
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
