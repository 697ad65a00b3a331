/** Tensors and datasets as text. */
import type { data, Tensor, TensorContainer } from "@tensorflow/tfjs-node-gpu";
import { counted } from "../text";

/** `Tensor(float32, [2, 3])` */
export function specOf({ dtype, shape }: Pick<Tensor, "dtype" | "shape">): string {
  return `Tensor(${dtype}, [${shape.join(", ")}])`;
}

/** `Tensor(float32, [2, 3])`, then the values: all of a small tensor, the first and last of a long axis. */
export function tensorText(tensor: Tensor): string {
  const heading = specOf(tensor);
  return tensor.isDisposed
    ? `${heading}, disposed`
    : `${heading}\n${tensor.toString().replace(/^Tensor\n/, "")}`;
}

/** Lines about a dataset; `element` is what its elements are, where one was read. */
export function datasetText(dataset: data.Dataset<TensorContainer>, element?: string): string {
  const lines = [`Dataset of ${dataset.size < 0 ? "unknown length" : sizeText(dataset.size)}`];
  if (element !== undefined) lines.push(`element: ${element}`);
  const facts = dataset as { classNames?: readonly string[]; filePaths?: readonly string[] };
  if (facts.classNames !== undefined) lines.push(`classes: ${facts.classNames.join(", ")}`);
  if (facts.filePaths !== undefined) lines.push(`files: ${facts.filePaths.length}`);
  return lines.join("\n");
}

function sizeText(size: number): string {
  return Number.isFinite(size) ? counted(size, "element") : "endless length";
}
