/** A model's architecture as a drawing, as `keras.utils.plot_model` makes. */

import dagre from "@dagrejs/dagre";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, checkOneOf, rejectUnknownOptions } from "../checks";
import { isModel, type Layer } from "../tfjs";
import { countText, outputShapeText, settingsText } from "./layerFacts";
import { graphOf } from "./modelGraph";
import { Picture } from "./picture";
import { escapeMarkup, rasterize } from "./raster";
import { ink, palette } from "./style";

/** Options of `plot.model`. */
export interface ModelOptions {
  /** Draw the layers inside nested models too. @default false */
  expandNested?: boolean;
  /** Show each layer's output shape. @default true */
  showShapes?: boolean;
  /** Direction of the data: top to bottom or left to right. @default "TB" */
  direction?: "TB" | "LR";
}

/** A piece of the drawing with its size in pixels; the markup starts at (0, 0). */
interface Drawing {
  width: number;
  height: number;
  markup: string;
}

type ModelSettings = Required<ModelOptions>;

/**
 * Draws a model's layers as boxes and their connections as arrows: branches side by side, nested models as one box or,
 * with `expandNested`, as a frame around their layers.
 *
 * @param value Any model.
 * @returns The drawing as a picture.
 * @example
 * import { plot, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * plot.model(model, { direction: "LR" }).show();
 * @see https://keras.io/api/utils/model_plotting_utils/#plotmodel-function
 */
export function model(value: LayersModel, options: ModelOptions = {}): Picture {
  rejectUnknownOptions(
    options,
    { expandNested: true, showShapes: true, direction: true },
    "plot.model()",
  );
  checkBoolean("expandNested", options.expandNested);
  checkBoolean("showShapes", options.showShapes);
  checkOneOf("direction", options.direction, ["TB", "LR"]);
  const settings: ModelSettings = {
    expandNested: options.expandNested ?? false,
    showShapes: options.showShapes ?? true,
    direction: options.direction ?? "TB",
  };
  const { width, height, markup } = drawGraph(value, settings);
  const margin = 16;
  const size = `width="${width + 2 * margin}" height="${height + 2 * margin}"`;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="Inter">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<g transform="translate(${margin} ${margin})">${markup}</g></svg>`,
  ].join("");
  return new Picture(rasterize(svg), { text: modelText(value, settings) });
}

function drawGraph(value: LayersModel, settings: ModelSettings): Drawing {
  const { layers, edges } = graphOf(value);
  const boxes = layers.map((layer) => drawLayer(layer, settings));
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: settings.direction, nodesep: 28, ranksep: 26 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const [index, { width, height }] of boxes.entries())
    graph.setNode(String(index), { width, height });
  for (const [from, to] of edges) graph.setEdge(String(from), String(to));
  dagre.layout(graph);

  const arrows = graph.edges().map((edge) => drawArrow(graph.edge(edge).points));
  const placed = boxes.map(({ width, height, markup }, index) => {
    const { x, y } = graph.node(String(index));
    return `<g transform="translate(${round(x - width / 2)} ${round(y - height / 2)})">${markup}</g>`;
  });
  const { width = 0, height = 0 } = graph.graph();
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    markup: [...arrows, ...placed].join(""),
  };
}

function drawLayer(layer: Layer, settings: ModelSettings): Drawing {
  if (isModel(layer) && settings.expandNested) return drawFrame(layer, settings);
  const className = layer.getClassName();
  const lines = [
    { text: className, size: 13, weight: 600, color: ink.text },
    { text: layer.name, size: 11, weight: 400, color: ink.quiet },
    { text: settingsText(layer), size: 12, weight: 400, color: ink.text },
    {
      text: settings.showShapes ? outputShapeText(layer) : "",
      size: 12,
      weight: 400,
      color: ink.quiet,
    },
  ].filter(({ text }) => text !== "");
  const width = Math.ceil(
    30 + Math.max(150, ...lines.map(({ text, size, weight }) => textWidth(text, size, weight))),
  );
  let y = 8;
  const texts = lines.map(({ text, size, weight, color }) => {
    y += size + 4;
    const font = `font-size="${size}" font-weight="${weight}" fill="${color}"`;
    return `<text x="18" y="${y - 2}" ${font}>${escapeMarkup(text)}</text>`;
  });
  const height = y + 10;
  const color = colorOfClass(className);
  const colors = `fill="${color}" fill-opacity="0.08" stroke="${color}" stroke-opacity="0.55"`;
  const box = [
    `<rect width="${width}" height="${height}" rx="6" ${colors}/>`,
    `<rect width="6" height="${height}" rx="3" fill="${color}"/>`,
  ].join("");
  return { width, height, markup: box + texts.join("") };
}

/** A nested model: a frame with its name around its own drawing. */
function drawFrame(nested: LayersModel, settings: ModelSettings): Drawing {
  const inner = drawGraph(nested, settings);
  const [padding, heading] = [14, 30];
  const title = `${nested.name} (${nested.getClassName()})`;
  const width = Math.max(inner.width, textWidth(title, 12, 600)) + 2 * padding;
  const height = inner.height + heading + padding;
  const frame = `rx="8" fill="#fafbfc" stroke="${ink.axis}" stroke-dasharray="5 4"`;
  const font = `font-size="12" font-weight="600" fill="${ink.quiet}"`;
  const markup = [
    `<rect width="${width}" height="${height}" ${frame}/>`,
    `<text x="${padding}" y="20" ${font}>${escapeMarkup(title)}</text>`,
    `<g transform="translate(${(width - inner.width) / 2} ${heading})">${inner.markup}</g>`,
  ].join("");
  return { width, height, markup };
}

function drawArrow(points: readonly { x: number; y: number }[]): string {
  const [first, ...rest] = points;
  const end = rest.at(-1)!;
  const before = points.at(-2)!;
  const angle = (Math.atan2(end.y - before.y, end.x - before.x) * 180) / Math.PI;
  const lines = rest.map(({ x, y }) => `L${round(x)} ${round(y)}`).join(" ");
  const path = `M${round(first!.x)} ${round(first!.y)} ${lines}`;
  const place = `translate(${round(end.x)} ${round(end.y)}) rotate(${round(angle)})`;
  return [
    `<path d="${path}" fill="none" stroke="${ink.axis}" stroke-width="1.5" stroke-linejoin="round"/>`,
    `<path d="M0 0L-8 -4.5V4.5Z" transform="${place}" fill="${ink.axis}"/>`,
  ].join("");
}

/** One colour for each family of layers. */
function colorOfClass(className: string): string {
  if (/conv/i.test(className)) return palette[0];
  if (/pool/i.test(className)) return palette[1];
  if (/^dense|lstm|gru|rnn|embedding/i.test(className)) return palette[2];
  if (/dropout|random|noise/i.test(className)) return palette[3];
  if (/normalization|rescaling/i.test(className)) return palette[4];
  if (/functional|model|sequential/i.test(className)) return palette[5];
  return "#6b7280";
}

/** About how wide Inter sets a text. */
function textWidth(text: string, size: number, weight: number): number {
  return text.length * size * (weight > 400 ? 0.61 : 0.57);
}

function modelText(value: LayersModel, settings: ModelSettings, indent = ""): string {
  const { layers, edges } = graphOf(value);
  const rows = layers.map((layer, index) => {
    const sources = edges.filter(([, to]) => to === index).map(([from]) => layers[from]!.name);
    const from = sources.length > 0 ? ` ← ${sources.join(", ")}` : "";
    const row = `${indent}  ${layer.name} ${outputShapeText(layer)}${from}`;
    return isModel(layer) && settings.expandNested
      ? `${row}\n${modelText(layer, settings, `${indent}  `)}`
      : row;
  });
  const heading = `${indent}${value.name}: ${layers.length} layers, ${countText(value.countParams())} parameters`;
  return [...(indent === "" ? [heading] : []), ...rows].join("\n");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
