/** Gives a figure's text the colour of the page that it is shown in. */
import { axisName } from "./panel";
import { traceName } from "./plotlyDefaults";
import type { Axis, AxisName, Layout, Trace } from "./specification";
import { transparent } from "./style";

/**
 * No grey has a contrast of 4.5 both to white and to JupyterLab's dark background, and Plotly takes no colour that the
 * page would decide; but its texts may hold styles, and those may.
 */
const [start, end] = ['<span style="color:currentColor">', "</span>"] as const;

/** The figure with all texts outside its plotting areas in the page's colour, where it has no background of its own. */
export function inPageColor({ data, layout }: { data: readonly Trace[]; layout: Layout }): {
  data: readonly Trace[];
  layout: Layout;
} {
  if (layout.paper_bgcolor !== transparent) return { data, layout };
  const { title, annotations } = layout;
  const colored: Layout = { ...layout };
  if (title !== undefined) {
    const { subtitle } = title;
    colored.title = { ...inColorText(title), ...(subtitle && { subtitle: inColorText(subtitle) }) };
  }
  if (annotations !== undefined) {
    colored.annotations = annotations.map(inColorText);
  }
  for (const name of axesOf(data, layout)) colored[name] = inColorAxis(layout[name] ?? {});
  const isNamed = data.filter(({ showlegend }) => showlegend !== false).length > 1;
  return {
    layout: colored,
    data: data.map((trace, index) => {
      const bar = trace.type === "heatmap" && { colorbar: inColorAxis(trace.colorbar ?? {}) };
      const name = traceName(trace, index);
      const isInLegend = isNamed && trace.showlegend !== false;
      return { ...trace, ...(isInLegend && { name: inColor(name) }), ...bar } as Trace;
    }),
  };
}

function inColor(text: string): string {
  // A formula is set by itself.
  return text === "" || text.includes("$") ? text : `${start}${text}${end}`;
}

/** A text, which may have a font and nothing to say. */
function inColorText<T extends { text?: string }>(given: T): T {
  return given.text === undefined ? given : { ...given, text: inColor(given.text) };
}

function inColorAxis<A extends Axis>(axis: A): A {
  const { title, tickprefix = "", ticksuffix = "" } = axis;
  return {
    ...axis,
    ...(title && { title: inColorText(title) }),
    tickprefix: start + tickprefix,
    ticksuffix: ticksuffix + end,
  };
}

function axesOf(data: readonly Trace[], layout: Layout): AxisName[] {
  const ofLayout = Object.keys(layout).filter((name) => /^[xy]axis\d*$/.test(name));
  const ofTraces = data.flatMap(({ xaxis = "x", yaxis = "y" }) => [xaxis, yaxis].map(axisName));
  return [...new Set([...ofLayout, ...ofTraces])] as AxisName[];
}
