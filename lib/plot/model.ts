/** A model's architecture as a drawing, as `keras.utils.plot_model` makes. */

import dagre from "@dagrejs/dagre";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, checkOneOf, rejectUnknownOptions } from "../checks";
import { counted } from "../text";
import { isModel, type Layer } from "../tfjs";
import { outputShapeText, settingsText } from "./layerFacts";
import { graphOf } from "./modelGraph";
import { Picture } from "./picture";
import { escapeMarkup, rasterize } from "./raster";
import { neutral, palette, plate } from "./style";
import { textWidth } from "./textWidth";

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
  const margin = 4;
  const size = `width="${width + 2 * margin}" height="${height + 2 * margin}"`;
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="Inter, sans-serif">`,
    `<g transform="translate(${margin} ${margin})">${markup}</g></svg>`,
  ].join("");
  return new Picture(rasterize(svg), { svg, text: modelText(value, settings) });
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
  const shape = settings.showShapes ? outputShapeText(layer) : "";
  const lines = [
    { text: className, size: 13, bold: true },
    { text: layer.name, size: 11, bold: false },
    { text: settingsText(layer), size: 12, bold: false },
    { text: shape, size: 12, bold: false },
  ].filter(({ text }) => text !== "");
  const width = Math.ceil(
    30 + Math.max(150, ...lines.map(({ text, ...font }) => textWidth(text, font))),
  );
  let y = 8;
  const texts = lines.map(({ text, size, bold }) => {
    y += size + 4;
    const font = `font-size="${size}" font-weight="${bold ? 600 : 400}" fill="${plate.text}"`;
    return `<text x="18" y="${y - 2}" ${font}>${escapeMarkup(text)}</text>`;
  });
  const height = y + 10;
  const color = colorOfClass(className);
  const box = [
    `<rect width="${width}" height="${height}" rx="6" fill="${plate.plain}"/>`,
    `<path d="M6 0H7V${height}H6A6 6 0 0 1 0 ${height - 6}V6A6 6 0 0 1 6 0Z" fill="${color}"/>`,
  ].join("");
  return { width, height, markup: box + texts.join("") };
}

/** A nested model: a frame with its name on it around its own drawing. */
function drawFrame(nested: LayersModel, settings: ModelSettings): Drawing {
  const inner = drawGraph(nested, settings);
  const [padding, heading] = [14, 34];
  const title = `${nested.name} (${nested.getClassName()})`;
  const tag = Math.ceil(textWidth(title, { size: 12, bold: true }) + 20);
  const width = Math.max(inner.width, tag) + 2 * padding;
  const height = inner.height + heading + padding;
  const frame = `rx="8" fill="none" stroke="${neutral}" stroke-width="1.5" stroke-dasharray="5 4"`;
  const font = `font-size="12" font-weight="600" fill="${plate.text}"`;
  const markup = [
    `<rect width="${width}" height="${height}" ${frame}/>`,
    `<rect width="${tag}" height="24" rx="8" fill="${plate.plain}"/>`,
    `<text x="10" y="16.5" ${font}>${escapeMarkup(title)}</text>`,
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
    `<path d="${path}" fill="none" stroke="${neutral}" stroke-width="1.5" stroke-linejoin="round"/>`,
    `<path d="M0 0L-8 -4.5V4.5Z" transform="${place}" fill="${neutral}"/>`,
  ].join("");
}

/** One colour for each family of layers. */
function colorOfClass(className: string): string {
  if (/conv/i.test(className)) return palette[5];
  if (/pool/i.test(className)) return palette[4];
  if (/^dense|lstm|gru|rnn|embedding/i.test(className)) return palette[2];
  if (/dropout|random|noise/i.test(className)) return palette[3];
  if (/normalization|rescaling/i.test(className)) return palette[1];
  if (/functional|model|sequential/i.test(className)) return palette[0];
  return "#aab2bd";
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
  const heading = `${indent}${value.name}: ${counted(layers.length, "layer")}, ${counted(value.countParams(), "parameter")}`;
  return [...(indent === "" ? [heading] : []), ...rows].join("\n");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
