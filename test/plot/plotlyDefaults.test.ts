import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { plot } from "../../lib/index";
import { completeFigure } from "../../lib/plot/plotlyDefaults";
import { findBrowser, openBrowser } from "../support/jupyterLab";

const ys = (count: number) => Array.from({ length: count }, (_, i) => i % 7);

/** Specifications that say as little as they may. */
const specifications: Record<string, { data: object[]; layout?: object }> = {
  "few points": { data: [{ y: ys(19) }] },
  "many points": { data: [{ type: "scatter", y: ys(20) }] },
  "points with x only": { data: [{ x: [3, 1, 2] }] },
  "points from a start": { data: [{ y: [1, 2], x0: 5, dx: 2 }] },
  "more x than y": { data: [{ x: [1, 2, 3], y: [1, 2] }] },
  "a hidden trace": { data: [{ y: [1] }, { y: [2], visible: false }, { y: [3] }] },
  "a trace that waits in the legend": { data: [{ y: [1], visible: "legendonly" }, { y: [3] }] },
  "colours of its own": {
    data: [
      { y: [1, 2], marker: { color: "#ff0000" } },
      { y: [1], line: { color: "#00ff00" } },
    ],
  },
  "a colourway": {
    data: [{ y: [1] }, { y: [1] }, { y: [1] }],
    layout: { colorway: ["#111111", "#222222"] },
  },
  "eleven traces": { data: Array.from({ length: 11 }, () => ({ y: [1, 2] })) },
  bars: {
    data: [
      { type: "bar", y: [1, 2] },
      { type: "bar", x: [1, 2] },
    ],
  },
  "a heatmap": {
    data: [
      {
        type: "heatmap",
        z: [
          [1, 2],
          [3, 4],
        ],
      },
    ],
  },
  "a reversed scale by its name": {
    data: [{ type: "heatmap", z: [[1, 2]], colorscale: "Jet", reversescale: true, x0: 4 }],
  },
};

interface Drawn {
  type: string;
  mode?: string;
  name: string;
  x: unknown[];
  y: unknown[];
  color?: string;
  markerColor?: string;
  orientation?: string;
  scale?: [number, string][];
  showscale?: boolean;
}

const browserPath = findBrowser();

describe("what the static picture takes where nothing is said is what Plotly takes", {
  skip: browserPath ? false : "no Chromium on this machine",
}, () => {
  let browser: Browser;
  let page: Page;
  before(async () => {
    browser = await openBrowser(browserPath!);
    page = await browser.newPage();
    await page.setContent("<div id=figure></div>");
    await page.addScriptTag({ path: require.resolve("plotly.js-dist") });
  });
  after(() => browser?.close());

  for (const [name, specification] of Object.entries(specifications)) {
    test(name, async () => {
      const { data, layout } = plot.figure(specification);
      const ours = completeFigure(data, layout).traces.map((trace): Drawn => {
        const [x, y] = [[...trace.x], [...trace.y]];
        const common = { type: trace.type, name: trace.name!, x, y };
        if (trace.type === "heatmap") {
          const scale = (trace.colorscale as [number, string][]).map(
            ([at, color]): [number, string] => [Math.round(at * 100) / 100, color],
          );
          return { ...common, scale, showscale: trace.showscale! };
        }
        if (trace.type === "bar") {
          return {
            ...common,
            markerColor: trace.marker!.color as string,
            orientation: trace.orientation!,
          };
        }
        const { mode, line, marker } = trace;
        const hasMarkers = mode.includes("markers");
        return {
          ...common,
          mode,
          ...(mode.includes("lines") && { color: line!.color! }),
          ...(hasMarkers && { markerColor: marker!.color as string }),
        };
      });
      assert.deepEqual(ours, await plotlys(page, { data, layout }));
    });
  }
});

/** Draws with Plotly and reads what it has filled in. */
async function plotlys(page: Page, figure: { data: unknown; layout: unknown }): Promise<Drawn[]> {
  return page.evaluate(`(async () => {
    const { data, layout } = ${JSON.stringify(figure)};
    const figure = await Plotly.newPlot("figure", data, layout);
    const hex = (color) => {
      const [, ...channels] = /rgba?\\((\\d+), ?(\\d+), ?(\\d+)/.exec(color) ?? [];
      return channels.length > 0
        ? "#" + channels.map((channel) => Number(channel).toString(16).padStart(2, "0")).join("")
        : color;
    };
    return figure._fullData.filter(({ visible }) => visible === true).map((trace) => {
      const count = trace._length ?? 0;
      const along = (values, start, step, length) =>
        Array.from({ length }, (_, i) => values ? values[i] : start + step * i);
      const isMap = trace.type === "heatmap";
      const [columns, rows] = isMap ? [trace.z[0].length, trace.z.length] : [count, count];
      const common = {
        type: trace.type,
        name: trace.name,
        x: along(trace.x, trace.x0, trace.dx, columns),
        y: along(trace.y, trace.y0, trace.dy, rows),
      };
      const scale = isMap && (trace.reversescale
        ? trace.colorscale.map(([at, color]) => [1 - at, color]).reverse()
        : trace.colorscale);
      if (isMap) return {
        ...common,
        scale: scale.map(([at, color]) => [Math.round(at * 100) / 100, hex(color)]),
        showscale: trace.showscale,
      };
      if (trace.type === "bar") {
        return { ...common, markerColor: trace.marker.color, orientation: trace.orientation };
      }
      return {
        ...common,
        mode: trace.mode,
        ...(trace.mode.includes("lines") && { color: trace.line.color }),
        ...(trace.mode.includes("markers") && { markerColor: trace.marker.color }),
      };
    });
  })()`);
}
