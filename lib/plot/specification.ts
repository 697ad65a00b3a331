/**
 * The part of Plotly's figure specification that this room writes.
 *
 * @see https://plotly.com/javascript/reference/
 */

/** A position on an axis: a number, or the name of a category. @inline */
export type Datum = number | string;

interface Marker {
  color?: string | readonly string[];
  /** Diameter in pixels. */
  size?: number;
  symbol?: "circle" | "circle-open" | "square" | "diamond" | "x";
  opacity?: number;
  line?: { color?: string; width?: number };
}

interface Line {
  color?: string;
  /** Pixels. */
  width?: number;
  dash?: "solid" | "dot" | "dash";
}

interface TraceBase {
  name?: string;
  /** Traces of one group are shown and hidden together. */
  legendgroup?: string;
  showlegend?: boolean;
  /** `"x"`, `"x2"`, …: the axis of the layout that the trace belongs to. */
  xaxis?: string;
  yaxis?: string;
  hovertemplate?: string;
  hoverinfo?: "skip";
}

export interface ScatterTrace extends TraceBase {
  type: "scatter";
  mode: "lines" | "markers" | "lines+markers";
  x: readonly Datum[];
  y: readonly (number | null)[];
  text?: readonly string[];
  marker?: Marker;
  line?: Line;
}

export interface BarTrace extends TraceBase {
  type: "bar";
  x: readonly Datum[];
  y: readonly Datum[];
  orientation?: "v" | "h";
  /** Widths in units of the axis; only with numeric positions. */
  width?: readonly number[];
  marker?: Marker;
}

export interface HeatmapTrace extends TraceBase {
  type: "heatmap";
  x: readonly Datum[];
  y: readonly Datum[];
  /** Rows of values; row i belongs to y[i]. */
  z: readonly (readonly number[])[];
  text?: readonly (readonly string[])[];
  texttemplate?: string;
  /** Pairs of a position from 0 to 1 and a colour. */
  colorscale?: readonly (readonly [number, string])[];
  zmin?: number;
  zmax?: number;
  showscale?: boolean;
  xgap?: number;
  ygap?: number;
}

/** A series of a figure. */
export type Trace = ScatterTrace | BarTrace | HeatmapTrace;

export interface Axis {
  title?: { text: string };
  /** Fraction of the plotting area, from 0 to 1. */
  domain?: readonly [number, number];
  anchor?: string;
  type?: "linear" | "log" | "category";
  range?: readonly [number, number];
  autorange?: boolean | "reversed";
  /** `"tozero"` makes the axis include zero. */
  rangemode?: "normal" | "tozero";
  tickformat?: string;
  dtick?: number;
  gridcolor?: string;
  zerolinecolor?: string;
  linecolor?: string;
  showgrid?: boolean;
  zeroline?: boolean;
  automargin?: boolean;
  constrain?: "domain";
  scaleanchor?: string;
}

/** Title, axes and look of a figure. */
export interface Layout {
  /** What stands above. */
  title?: { text: string; x?: number; xanchor?: "left" | "center"; font?: { size?: number } };
  /** Pixels. */
  width?: number;
  /** Pixels. */
  height?: number;
  /** Whether the figure takes the width that there is. */
  autosize?: boolean;
  /** Where bars of one position go. */
  barmode?: "group" | "stack" | "overlay";
  /** Room between bars, as a share of their distance. */
  bargap?: number;
  /** Letters; sizes in pixels. */
  font?: { family?: string; size?: number; weight?: number; color?: string };
  /** Colour around the plotting area. */
  paper_bgcolor?: string;
  /** Colour of the plotting area. */
  plot_bgcolor?: string;
  /** Colours of the series, in turn. */
  colorway?: readonly string[];
  /** Pixels around the plotting area: left, right, top, bottom. */
  margin?: { l?: number; r?: number; t?: number; b?: number };
  /** Whether the series are named. */
  showlegend?: boolean;
  /** Where the names stand, as shares of the plotting area. */
  legend?: { orientation?: "h" | "v"; x?: number; y?: number; xanchor?: string; yanchor?: string };
  /** What the pointer picks. */
  hovermode?: "closest" | "x" | "x unified";
  /** `xaxis`, `xaxis2`, `yaxis`, … */
  [axis: `xaxis${string}` | `yaxis${string}`]: Axis | undefined;
}

/** Any Plotly figure: what `show` accepts. */
export interface PlotlyFigure {
  /** The traces. */
  data: readonly object[];
  /** Title, axes and the like. */
  layout?: object;
  /** How the figure behaves. */
  config?: object;
}
