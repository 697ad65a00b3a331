/** A model as text. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import {
  checkBoolean,
  checkFunction,
  checkWhole,
  type KnownOptions,
  rejectUnknownOptions,
} from "../checks";
import { invalidArgument } from "../errors";
import { formatBytes } from "../text";
import { asWeights, type CallNode, isModel, type Layer, layersOf, outputShapesOf } from "../tfjs";
import { type Amount, amountOf, optimizerAmount } from "./counts";
import { drawTable, type TableColumn } from "./table";

/** Options of `summary`. */
export interface SummaryOptions {
  /**
   * Width in characters.
   *
   * @default 88, or 108 with connections, but at least 4 less than the terminal has (80 where there is none)
   */
  lineLength?: number;
  /** List the layers of nested models too. @default false */
  expandNested?: boolean;
  /** Show which layers train. @default false */
  showTrainable?: boolean;
  /** First and last layer to list: regular expressions that match the start of the name. @default all */
  layerRange?: [first: string, last: string];
  /** Gets the text. @default `console.log` */
  printFn?: (text: string) => void;
}

/**
 * Prints a model's layers, output shapes and parameter counts in Keras 3's layout.
 *
 * @param model Any model, compiled or not.
 * @throws InvalidArgumentError for options that don't fit.
 * @example
 * import { summary, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * summary(model, { showTrainable: true });
 * @see https://keras.io/api/models/model/#summary-method
 */
export function summary(model: LayersModel, options: SummaryOptions = {}): void {
  const known: KnownOptions<SummaryOptions> = {
    lineLength: true,
    expandNested: true,
    showTrainable: true,
    layerRange: true,
    printFn: true,
  };
  rejectUnknownOptions(options, known, "summary");
  checkWhole("lineLength", options.lineLength, { low: 1, high: 10_000 });
  checkBoolean("expandNested", options.expandNested);
  checkBoolean("showTrainable", options.showTrainable);
  checkFunction("printFn", options.printFn);
  checkLayerRange(options.layerRange);
  const { printFn = console.log } = options;
  printFn(summaryText(model, options));
}

function summaryText(model: LayersModel, options: SummaryOptions): string {
  const isSequential = model.getClassName() === "Sequential";
  const connected = !isSequential && !isChain(model);
  const { expandNested = false, showTrainable = false } = options;
  const columns = columnsFor({ connected, showTrainable, lineLength: options.lineLength });
  const nodes = connected ? Object.values(model.nodesByDepth).flat() : [];
  const rows: string[][] = [];
  const addRows = (layer: Layer, level: number, frozenAbove: boolean) => {
    const trainable = layer.trainable && !frozenAbove;
    const prefix = level === 0 ? "" : `${"   ".repeat(level)}└ `;
    const row = [
      `${prefix}${layer.name} (${layer.getClassName()})`,
      outputShape(layer),
      layer.countParams().toLocaleString("en-US"),
    ];
    if (connected) row.push(connections(layer, nodes));
    if (showTrainable) row.push(layer.weights.length === 0 ? "-" : trainable ? "Y" : "N");
    rows.push(row);
    if (expandNested) for (const inner of layersOf(layer)) addRows(inner, level + 1, !trainable);
  };
  for (const layer of inRange(model.layers, options.layerRange))
    addRows(layer, 0, !model.trainable);
  return [
    `Model: "${model.name}"`,
    drawTable(columns.list, rows, columns.width),
    ...totals(model),
  ].join("\n");
}

/** No branch, no layer with several inputs, no layer called twice. */
function isChain(model: LayersModel): boolean {
  const byDepth = Object.values(model.nodesByDepth);
  if (byDepth.some((nodes) => nodes.length > 1 || nodes[0]!.inputTensors.length > 1)) return false;
  const nodes = byDepth.flat();
  return model.layers.every(
    (layer) => nodes.filter((node) => node.outboundLayer === layer).length <= 1,
  );
}

/** A table for a terminal isn't narrower than for one of so many columns. */
const LEAST_COLUMNS = 64;

function columnsFor(options: {
  connected: boolean;
  showTrainable: boolean;
  lineLength: number | undefined;
}): { list: TableColumn[]; width: number } {
  const { connected, showTrainable } = options;
  const columns: Omit<TableColumn, "width">[] = [
    { title: "Layer (type)", align: "left" },
    { title: "Output Shape", align: "left" },
    { title: "Param #", align: "right" },
  ];
  let ends = [0.45, 0.8, 1];
  let preferred = 88;
  if (connected) {
    columns.push({ title: "Connected to", align: "left" });
    ends = [0.3, 0.56, 0.74, 1];
    preferred = 108;
  }
  if (showTrainable) {
    columns.push({ title: "Trainable", align: "center" });
    ends = [...ends.map((end) => end * 0.9), 1];
    preferred += 12;
  }
  // Some terminals say that they have no columns.
  const terminal = Math.max(process.stdout.columns || 80, LEAST_COLUMNS);
  const width = options.lineLength ?? Math.min(preferred, terminal - 4);
  let used = 0;
  const list = columns.map((column, i) => {
    const size = Math.floor(ends[i]! * width) - used;
    used += size;
    if (size < 4) {
      throw invalidArgument("lineLength", {
        expected: "wide enough for the columns",
        received: width,
      });
    }
    return { ...column, width: size };
  });
  return { list, width };
}

function outputShape(layer: Layer): string {
  const texts = outputShapesOf(layer)!.map((shape) => {
    const sizes = shape.map((size) => size ?? "None");
    return sizes.length === 1 ? `(${sizes[0]},)` : `(${sizes.join(", ")})`;
  });
  return texts.length === 1 ? texts[0]! : `[${texts.join(", ")}]`;
}

function connections(layer: Layer, nodes: CallNode[]): string {
  const sources = layer.inboundNodes
    .filter((node) => nodes.includes(node))
    .flatMap((node) =>
      node.inboundLayers.map((source, i) => {
        // A model of tfjs counts its own inside as its first call; Keras doesn't.
        const call = node.nodeIndices[i]! - (isModel(source) ? 1 : 0);
        return `${source.name}[${call}][${node.tensorIndices[i]}]`;
      }),
    );
  return sources.length === 0 ? "-" : sources.join(", ");
}

function checkLayerRange(range: unknown): void {
  const isPattern = (item: unknown) => {
    try {
      return typeof item === "string" && new RegExp(item) !== undefined;
    } catch {
      return false;
    }
  };
  if (range === undefined) return;
  if (Array.isArray(range) && range.length === 2 && range.every(isPattern)) return;
  throw invalidArgument("layerRange", {
    expected: "two regular expressions, as text: the first layer's and the last one's",
    received: range,
  });
}

function inRange(layers: Layer[], range: SummaryOptions["layerRange"]): Layer[] {
  if (range === undefined) return layers;
  const matching = range.map((pattern) => {
    const regex = new RegExp(`^(?:${pattern})`);
    return layers.flatMap((layer, i) => (regex.test(layer.name) ? [i] : []));
  });
  const [first, last] = matching;
  if (!first?.length || !last?.length) {
    throw invalidArgument("layerRange", {
      expected: `two patterns that match layers among ${layers.map((layer) => layer.name).join(", ")}`,
      received: range,
    });
  }
  return first[0]! > last.at(-1)!
    ? layers.slice(last[0]!, first.at(-1)! + 1)
    : layers.slice(first[0]!, last.at(-1)! + 1);
}

function totals(model: LayersModel): string[] {
  const trainable = amountOf(asWeights(model.trainableWeights));
  const frozen = amountOf(asWeights(model.nonTrainableWeights));
  const optimizer = model.built ? optimizerAmount(model) : undefined;
  const total: Amount = { count: 0, bytes: 0 };
  for (const amount of [trainable, frozen, optimizer]) {
    total.count += amount?.count ?? 0;
    total.bytes += amount?.bytes ?? 0;
  }
  const line = (label: string, { count, bytes }: Amount) =>
    ` ${label} params: ${count.toLocaleString("en-US")} (${formatBytes(bytes, { style: "binary" })})`;
  return [
    line("Total", total),
    line("Trainable", trainable),
    line("Non-trainable", frozen),
    ...(optimizer ? [line("Optimizer", optimizer)] : []),
  ];
}
