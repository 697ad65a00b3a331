/** A model's layers as a table: HTML for a notebook, aligned text elsewhere. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import type { MimeBundle } from "../notebook";
import { countText, outputShapeText } from "./layerFacts";
import { escapeMarkup } from "./raster";

/** Builds both forms of the table. */
export function modelTable(model: LayersModel): MimeBundle {
  const header = ["Layer", "Output shape", "Parameters"];
  const rows = model.layers.map((layer) => [
    `${layer.name} (${layer.getClassName()})`,
    outputShapeText(layer),
    countText(layer.countParams()),
  ]);
  const trainable = model.trainableWeights.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const all = model.countParams();
  const totals = [
    ["Total", "", countText(all)],
    ["Trainable", "", countText(trainable)],
    ["Not trainable", "", countText(all - trainable)],
  ];
  return {
    "text/html": htmlTable(model.name, header, rows, totals),
    "text/plain": textTable(model.name, header, rows, totals),
  };
}

function sizeOf(shape: readonly (number | null)[]): number {
  return shape.reduce<number>((product, size) => product * (size ?? 1), 1);
}

type TableRows = readonly (readonly string[])[];

function htmlTable(
  name: string,
  header: readonly string[],
  rows: TableRows,
  totals: TableRows,
): string {
  const alignment = ["left", "left", "right"];
  const row = (tag: string) => (cells: readonly string[]) =>
    `<tr>${cells.map((cell, i) => `<${tag} style="text-align: ${alignment[i]}">${escapeMarkup(cell)}</${tag}>`).join("")}</tr>`;
  return [
    `<table><caption>${escapeMarkup(name)}</caption>`,
    `<thead>${row("th")(header)}</thead>`,
    `<tbody>${rows.map(row("td")).join("")}</tbody>`,
    `<tfoot>${totals.map(row("th")).join("")}</tfoot></table>`,
  ].join("\n");
}

function textTable(
  name: string,
  header: readonly string[],
  rows: TableRows,
  totals: TableRows,
): string {
  const all = [header, ...rows, ...totals];
  const widths = header.map((_, column) => Math.max(...all.map((cells) => cells[column]!.length)));
  const line = (cells: readonly string[]) =>
    `${cells[0]!.padEnd(widths[0]!)}  ${cells[1]!.padEnd(widths[1]!)}  ${cells[2]!.padStart(widths[2]!)}`;
  const rule = "─".repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  return [name, line(header), rule, ...rows.map(line), rule, ...totals.map(line)].join("\n");
}
