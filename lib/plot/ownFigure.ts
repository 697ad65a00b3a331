/** Figures of the reader's own, in Plotly's terms. */
import { checkString, rejectUnknownOptions } from "../checks";
import { Figure } from "./figure";
import { givenLayout, givenTrace } from "./givenTexts";
import { axisName } from "./panel";
import { traceName } from "./plotlyDefaults";
import type { Layout, PlotlyFigure, Trace } from "./specification";
import { baseAxis, baseLayout } from "./style";

/** Options of `plot.figure`. */
export interface FigureOptions {
  /** What stands for the figure where it can't be drawn. @default a line for each trace */
  text?: string;
}

/** Kinds of traces whose axes' texts can take the page's colour. */
const onFlatAxes = new Set([
  "scatter",
  "scattergl",
  "bar",
  "heatmap",
  "histogram",
  "histogram2d",
  "histogram2dcontour",
  "contour",
  "box",
  "violin",
  "candlestick",
  "ohlc",
  "waterfall",
  "funnel",
  "image",
]);

/**
 * Wraps a Plotly specification of your own. What it leaves out is as Plotly has it; fonts, background and margins are
 * this library's unless its layout says otherwise, and Plotly's where it draws something else than flat axes.
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
  const data = specification.data.map(givenTrace) as readonly Trace[];
  const own = givenLayout(specification.layout ?? {});
  const isFlat = data.every(({ type = "scatter" }) => onFlatAxes.has(type));
  const { config } = specification;
  return new Figure(data, isFlat ? withLook(data, own) : own, { ...options, config });
}

/** The library's look where the layout says nothing, without its colours: they are Plotly's. */
function withLook(data: readonly Trace[], own: Layout): Layout {
  const legend = data.length < 2 ? [] : data.map(traceName);
  const head = { title: own.title?.text, subtitle: own.title?.subtitle?.text, legend };
  const { height } = own;
  const { colorway: _, ...look } = baseLayout(head, height === undefined ? {} : { height });
  const layout: Layout = {
    ...look,
    // Text in the page's colour, black or white, can be read on this label.
    hoverlabel: { bgcolor: "#757575" },
    ...own,
    ...(own.title && { title: { ...look.title, ...own.title } }),
    ...(own.margin && { margin: { ...look.margin, ...own.margin } }),
  };
  const axes = new Set(data.flatMap(({ xaxis = "x", yaxis = "y" }) => [xaxis, yaxis]));
  const { gridcolor, zerolinecolor, linecolor, automargin } = baseAxis(undefined);
  for (const id of axes) {
    const name = axisName(id);
    layout[name] = { gridcolor, zerolinecolor, linecolor, automargin, ...own[name] };
  }
  return layout;
}
