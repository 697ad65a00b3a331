/** Colours and measures that all figures share. */
import type { ColorStop } from "./color";
import type { Axis, Layout } from "./specification";

/**
 * Colours that people with any form of colour blindness can tell apart, in the order in which they are used.
 *
 * @see Okabe and Ito, "Color Universal Design" (2008)
 */
export const palette = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"] as const;

/** The colour of run or series number `index`. */
export function colorOf(index: number): string {
  return palette[index % palette.length]!;
}

export const fontFamily = "Inter, system-ui, sans-serif";

/** A grey as far from white as from JupyterLab's dark background, for marks. Text takes the page's own colour. */
export const neutral = "#7a7a7a";
const neutralRule = "rgba(128, 128, 128, 0.28)";
/** No background of its own: the page's is seen. */
export const transparent = "rgba(0,0,0,0)";

/** What a static figure is drawn in. */
export interface Ink {
  background: string;
  text: string;
  quiet: string;
  rule: string;
  axis: string;
}

/** A static figure as a file, on white. */
export const onPaper: Ink = {
  background: "#ffffff",
  text: "#2b2f36",
  quiet: "#5b626d",
  rule: "#e3e6ea",
  axis: "#9aa1ab",
};

/** A static figure inside a page, in its text's colour, light or dark. */
export const onPage: Ink = {
  background: "transparent",
  text: "currentColor",
  quiet: "currentColor",
  rule: neutralRule,
  axis: neutral,
};

/** What text in pictures stands on, whatever the page's background is. */
export const plate = {
  text: "#ffffff",
  plain: "#363d47",
  right: "#006a4a",
  wrong: "#a83f00",
} as const;

/** Rows of values from few to many: light to dark in one hue. */
export const sequentialScale: readonly ColorStop[] = [
  [0, "#f2f6fa"],
  [0.5, "#6fa8cf"],
  [1, "#08457e"],
];

/** Heights above a plot, in pixels. */
const heights = { edge: 10, title: 28, subtitle: 20, legendRow: 22, heading: 26 };
/** As narrow as a figure may become before its legend takes more rows than it has room for. */
const narrowest = 420;

/** What stands above the plotting area. */
export interface Head {
  title?: string | undefined;
  /** A smaller line below the title. */
  subtitle?: string | undefined;
  /** Names in the legend, where there is one. */
  legend?: readonly string[];
  /** Whether each panel has a heading. */
  headings?: boolean;
}

/** What every figure's layout starts from: one thing below the other, so that nothing is printed over anything. */
export function baseLayout({ title, subtitle, legend = [], headings }: Head, own: Layout): Layout {
  const { height = 400 } = own;
  const aboveLegend =
    heights.edge +
    (title === undefined ? 0 : heights.title) +
    (subtitle === undefined ? 0 : heights.subtitle);
  const top = aboveLegend + legendHeight(legend) + (headings ? heights.heading : 0) + 8;
  return {
    ...(title === undefined
      ? {}
      : {
          title: {
            text: title,
            ...(subtitle === undefined ? {} : { subtitle: { text: subtitle, font: { size: 13 } } }),
            font: { size: 16 },
            x: 0,
            xanchor: "left",
            yref: "container",
            y: 1,
            yanchor: "top",
            pad: { l: 8, t: heights.edge },
          },
        }),
    height,
    autosize: true,
    font: { family: fontFamily, size: 13, weight: 500, color: neutral },
    paper_bgcolor: transparent,
    plot_bgcolor: transparent,
    colorway: palette,
    margin: { l: 56, r: 20, t: top, b: 52 },
    legend: {
      orientation: "h",
      x: 0,
      xanchor: "left",
      yref: "container",
      y: round(1 - aboveLegend / height),
      yanchor: "top",
      bgcolor: transparent,
    },
    hovermode: "closest",
    ...own,
  };
}

/** Room for as many rows as the names take where a figure is narrow. */
function legendHeight(names: readonly string[]): number {
  if (names.length < 2) return 0;
  const width = names.reduce((sum, name) => sum + 50 + 8 * name.length, 0);
  return Math.ceil(width / narrowest) * heights.legendRow + 6;
}

/** What every axis starts from. */
export function baseAxis(title: string | undefined, own: Axis = {}): Axis {
  return {
    ...(title === undefined ? {} : { title: { text: title } }),
    gridcolor: neutralRule,
    zerolinecolor: neutralRule,
    linecolor: neutral,
    zeroline: false,
    automargin: true,
    ...own,
  };
}

/** How an axis of these numbers begins: what can't be below zero has no room there. */
export function rangeModeOf(values: Iterable<number | null>): Pick<Axis, "rangemode"> {
  for (const value of values) if (value !== null && value < 0) return {};
  return { rangemode: "nonnegative" };
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
