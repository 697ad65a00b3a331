/** What a static figure has beside its series: texts at places, and colour scales. */
import type { ColorStop } from "./color";
import { short } from "./numbers";
import type { Panel } from "./panel";
import { plainText } from "./plotlyText";
import type { Annotation, Layout, Trace } from "./specification";
import { fontFamily, type Ink } from "./style";

/** Texts at a share of a panel: headings. Those at a point of the data are left out. */
export function annotationTexts(
  { annotations = [] }: Layout,
  { panels, ink }: { panels: readonly Panel[]; ink: Ink },
): object[] {
  return annotations.flatMap((annotation) => {
    const { xref = "x", yref = "y", font = {}, text } = annotation;
    const panel = panels.find(
      ({ xName, yName }) => `${xName} domain` === xref && `${yName} domain` === yref,
    );
    if (panel === undefined) return [];
    const { left, top, width, height } = panel.frame;
    return [
      {
        type: "text",
        x: left + Number(annotation.x ?? 0.5) * width,
        y: top + (1 - Number(annotation.y ?? 0.5)) * height - (annotation.yshift ?? 0),
        style: {
          text: plainText(text ?? ""),
          fill: font.color ?? ink.text,
          fontSize: font.size ?? 13,
          fontWeight: font.weight ?? 400,
          fontFamily,
          ...anchors(annotation),
        },
      },
    ];
  });
}

function anchors({ xanchor = "auto", yanchor = "auto" }: Annotation): object {
  return {
    align: xanchor === "auto" ? "center" : xanchor,
    verticalAlign: yanchor === "auto" ? "middle" : yanchor,
  };
}

const barWidth = 14;

/** The scale of a heatmap at the right of its panel, with its least and greatest value. */
export function colorBar(trace: Trace, { panel, ink }: { panel: Panel; ink: Ink }): object[] {
  if (trace.type !== "heatmap" || !trace.showscale) return [];
  const { left, top, width, height } = panel.frame;
  const x = left + width + 16;
  const stops = (trace.colorscale as readonly ColorStop[]).map(([at, color]) => ({
    offset: 1 - at,
    color,
  }));
  const style = { fill: ink.text, fontSize: 12, fontFamily };
  const label = (value: number, y: number, verticalAlign: string) => ({
    type: "text",
    x: x + barWidth + 6,
    y,
    style: { ...style, text: short(value), verticalAlign },
  });
  return [
    {
      type: "rect",
      shape: { x, y: top, width: barWidth, height },
      style: {
        fill: { type: "linear", x: 0, y: 0, x2: 0, y2: 1, colorStops: stops.reverse() },
      },
    },
    label(trace.zmax!, top, "top"),
    label(trace.zmin!, top + height, "bottom"),
  ];
}
