/** Colours and measures that all figures share. */
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

export const correctColor = "#009E73";
export const wrongColor = "#D55E00";

export const fontFamily = "Inter, system-ui, sans-serif";

/** A grey that is legible on white and on JupyterLab's dark background alike. */
const themeNeutralText = "#7d7d7d";
const themeNeutralRule = "rgba(128, 128, 128, 0.28)";

/** Text and rules of static pictures, which lie on white. */
export const ink = { text: "#2b2f36", quiet: "#6b7280", rule: "#e3e6ea", axis: "#9aa1ab" } as const;

/** Rows of values from few to many: light to dark in one hue. */
export const sequentialScale = [
  [0, "#f2f6fa"],
  [0.5, "#6fa8cf"],
  [1, "#08457e"],
] as const;

/** What every figure's layout starts from. The background is the notebook's own, in either theme. */
export function baseLayout(title: string | undefined, own: Layout): Layout {
  return {
    ...(title === undefined
      ? {}
      : { title: { text: title, x: 0, xanchor: "left", font: { size: 16 } } }),
    height: 400,
    autosize: true,
    font: { family: fontFamily, size: 13, weight: 500, color: themeNeutralText },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    colorway: palette,
    margin: { l: 64, r: 24, t: title === undefined ? 40 : 84, b: 56 },
    legend: { orientation: "h", x: 0, y: 1.02, xanchor: "left", yanchor: "bottom" },
    hovermode: "closest",
    ...own,
  };
}

/** What every axis starts from. */
export function baseAxis(title: string | undefined, own: Axis = {}): Axis {
  return {
    ...(title === undefined ? {} : { title: { text: title } }),
    gridcolor: themeNeutralRule,
    zerolinecolor: themeNeutralRule,
    linecolor: themeNeutralText,
    zeroline: false,
    automargin: true,
    ...own,
  };
}
