/**
 * The part of Plotly's figure specification that this room reads and writes.
 *
 * @see https://plotly.com/javascript/reference/
 */
import type { ColorStop } from "./color";

/** A position on an axis: a number, or the name of a category or a date. @inline */
export type Datum = number | string;

interface Marker {
  color?: string | readonly Datum[];
  /** Diameter in pixels. */
  size?: number | readonly number[];
  symbol?: "circle" | "circle-open" | "square" | "diamond" | "x";
  opacity?: number;
  line?: { color?: string; width?: number };
  colorscale?: string | readonly ColorStop[];
}

interface Line {
  color?: string;
  /** Pixels. */
  width?: number;
  dash?: "solid" | "dot" | "dash" | "longdash" | "dashdot" | "longdashdot";
  shape?: "linear" | "spline" | "hv" | "vh" | "hvh" | "vhv";
}

interface TraceBase {
  name?: string;
  visible?: boolean | "legendonly";
  /** Traces of one group are shown and hidden together. */
  legendgroup?: string;
  showlegend?: boolean;
  /** `"x"`, `"x2"`, …: the axis of the layout that the trace belongs to. */
  xaxis?: string;
  yaxis?: string;
  hovertemplate?: string;
  hovertext?: readonly string[] | readonly (readonly string[])[];
  hoverinfo?: "skip" | "text";
  customdata?: readonly Datum[];
  opacity?: number;
}

export interface ScatterTrace extends TraceBase {
  type: "scatter";
  mode: "lines" | "markers" | "lines+markers";
  x: readonly Datum[];
  y: readonly (Datum | null)[];
  text?: readonly string[];
  marker?: Marker;
  line?: Line;
  fill?: string;
  /** Whether points at the edge of the plotting area are cut. */
  cliponaxis?: boolean;
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
  z: readonly (readonly (number | null)[])[];
  text?: readonly (readonly string[])[];
  texttemplate?: string;
  textfont?: { size?: number };
  /** Pairs of a position from 0 to 1 and a colour. */
  colorscale?: string | readonly ColorStop[];
  colorbar?: Axis;
  reversescale?: boolean;
  zmin?: number;
  zmax?: number;
  showscale?: boolean;
  xgap?: number;
  ygap?: number;
}

/** A series of a figure. */
export type Trace = ScatterTrace | BarTrace | HeatmapTrace;

interface Text {
  text?: string;
  font?: { size?: number; weight?: number; color?: string };
}

export interface Axis {
  title?: Text;
  /** Fraction of the plotting area, from 0 to 1. */
  domain?: readonly [number, number];
  anchor?: string;
  /** The axis over which this one lies. */
  overlaying?: string;
  side?: "left" | "right" | "top" | "bottom";
  type?: "linear" | "log" | "category" | "date" | "multicategory" | "-";
  range?: readonly [Datum, Datum];
  autorange?: boolean | "reversed";
  /** `"tozero"` makes the axis include zero, `"nonnegative"` keeps it from going below. */
  rangemode?: "normal" | "tozero" | "nonnegative";
  tickformat?: string;
  tickprefix?: string;
  ticksuffix?: string;
  dtick?: number;
  gridcolor?: string;
  zerolinecolor?: string;
  linecolor?: string;
  showgrid?: boolean;
  showticklabels?: boolean;
  visible?: boolean;
  zeroline?: boolean;
  automargin?: boolean;
  constrain?: "domain";
  scaleanchor?: string;
}

/** A text at a place of the figure. */
export interface Annotation extends Text {
  xref?: string;
  yref?: string;
  x?: Datum;
  y?: Datum;
  xanchor?: "auto" | "left" | "center" | "right";
  yanchor?: "auto" | "top" | "middle" | "bottom";
  showarrow?: boolean;
  yshift?: number;
}

/** Title, axes and look of a figure. */
export interface Layout {
  /** What stands above. */
  title?: Text & {
    /** A smaller line below the title. */
    subtitle?: Text;
    x?: number;
    y?: number;
    xanchor?: "left" | "center";
    yanchor?: "top";
    yref?: "container" | "paper";
    pad?: { l?: number; t?: number };
  };
  /** Pixels. */
  width?: number;
  /** Pixels. */
  height?: number;
  /** Whether the figure takes the width that there is. */
  autosize?: boolean;
  /** Where bars of one position go. */
  barmode?: "group" | "stack" | "overlay" | "relative";
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
  /** Where the names stand, as shares of the plotting area or of the whole. */
  legend?: {
    orientation?: "h" | "v";
    x?: number;
    y?: number;
    xanchor?: string;
    yanchor?: string;
    yref?: "container" | "paper";
    bgcolor?: string;
  };
  /** What the pointer picks. */
  hovermode?: "closest" | "x" | "x unified";
  /** The labels that the pointer brings. */
  hoverlabel?: { bgcolor?: string };
  /** Subplots in rows and columns. */
  grid?: {
    rows?: number;
    columns?: number;
    pattern?: "independent" | "coupled";
    roworder?: "top to bottom" | "bottom to top";
    xgap?: number;
    ygap?: number;
  };
  /** Texts at places of the figure. */
  annotations?: readonly Annotation[];
  [axis: AxisName]: Axis | undefined;
}

/** What a layout calls an axis: `xaxis`, `xaxis2`, `yaxis`, … */
export type AxisName = `xaxis${string}` | `yaxis${string}`;

/** Any Plotly figure: what `show` accepts. */
export interface PlotlyFigure {
  /** The traces. */
  data: readonly object[];
  /** Title, axes and the like. */
  layout?: object;
  /** How the figure behaves. */
  config?: object;
}
