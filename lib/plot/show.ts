/** Shows any value the way one expects to see it. */

import { inspect } from "node:util";
import type { data, TensorContainer } from "@tensorflow/tfjs-node-gpu";
import { displayBundle } from "../notebook";
import { isModel, tf } from "../tfjs";
import { FuturePicture } from "./futurePicture";
import { history } from "./history";
import { modelTable } from "./modelTable";
import { figure } from "./ownFigure";
import type { HistoryLike } from "./runCurves";
import { Showable } from "./showable";
import type { PlotlyFigure } from "./specification";
import { datasetText, specOf, tensorText } from "./valueText";

/** A dataset reads its first element to tell what its elements are; a promise is shown once it is fulfilled. */
export function show(value: data.Dataset<TensorContainer> | Promise<unknown>): Promise<void>;
/**
 * Shows a value in the current cell; outside a notebook it prints text. Figures and pictures show themselves, any
 * Plotly specification is drawn, a model becomes a table of its layers, a history its curves, a tensor its dtype,
 * shape and some values.
 *
 * @param value Anything. Tensors and models stay the caller's.
 * @example
 * import { show, tf } from "convnets";
 * show(tf.zeros([2, 3])); // Tensor(float32, [2, 3]) and its values
 * show(tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] }));
 */
export function show(value: unknown): void;
export function show(value: unknown): void | Promise<void> {
  if (value instanceof FuturePicture) return value.show();
  if (value instanceof Promise) return value.then(show);
  if (value instanceof tf.data.Dataset) return showDataset(value);
  if (value instanceof Showable) value.show();
  else if (value instanceof tf.Tensor) displayBundle({ "text/plain": tensorText(value) });
  else if (isModel(value)) displayBundle(modelTable(value));
  else if (isHistory(value)) history(value).show();
  else if (isPlotlyFigure(value)) figure(value).show();
  else displayBundle({ "text/plain": typeof value === "string" ? value : inspect(value) });
}

function isHistory(value: unknown): value is HistoryLike {
  if (typeof value !== "object" || value === null || !("history" in value)) return false;
  const curves = value.history;
  return (
    typeof curves === "object" && curves !== null && Object.values(curves).every(Array.isArray)
  );
}

function isPlotlyFigure(value: unknown): value is PlotlyFigure {
  return (
    typeof value === "object" &&
    value !== null &&
    "data" in value &&
    Array.isArray(value.data) &&
    value.data.every((trace) => typeof trace === "object" && trace !== null)
  );
}

async function showDataset(dataset: data.Dataset<TensorContainer>): Promise<void> {
  // A dataset doesn't know its elements' shapes before it has made one.
  const [element] = await dataset.take(1).toArray();
  const spec = element === undefined ? undefined : elementSpec(element);
  tf.dispose(element as TensorContainer);
  displayBundle({ "text/plain": datasetText(dataset, spec) });
}

/** Tensors by dtype and shape inside the element's own structure: `{ xs: Tensor(…), ys: Tensor(…) }`. */
function elementSpec(element: unknown): string {
  if (element instanceof tf.Tensor) return specOf(element);
  if (Array.isArray(element)) return `[${element.map(elementSpec).join(", ")}]`;
  if (typeof element === "object" && element !== null) {
    const fields = Object.entries(element).map(([name, value]) => `${name}: ${elementSpec(value)}`);
    return `{ ${fields.join(", ")} }`;
  }
  return typeof element;
}
