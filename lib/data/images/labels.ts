/** Labels as tensors in JavaScript's memory. */
import type { HostTensor } from "../../graph";
import { DType } from "../../tfjs";
import type { ImageDatasetSettings } from "./settings";

/**
 * The labels of some images.
 *
 * @param labels Class numbers.
 * @param use.count The shape's beginning: how many there are, or nothing for a single one.
 * @param use.labelMode `"int"` makes int32 `[count]`, `"binary"` float32 `[count, 1]`, others float32 `[count, classes]`.
 * @param use.classes How many classes there are.
 */
export function labelTensor(
  labels: number[],
  use: { count: number[]; labelMode: ImageDatasetSettings["labelMode"]; classes: number },
): HostTensor {
  const { count, labelMode, classes } = use;
  if (labelMode === "int") {
    return { dtype: DType.int32, shape: count, data: Int32Array.from(labels) };
  }
  if (labelMode === "binary") {
    return { dtype: DType.float32, shape: [...count, 1], data: Float32Array.from(labels) };
  }
  const oneHot = new Float32Array(labels.length * classes);
  for (const [row, label] of labels.entries()) {
    if (label >= 0 && label < classes) oneHot[row * classes + label] = 1;
  }
  return { dtype: DType.float32, shape: [...count, classes], data: oneHot };
}
