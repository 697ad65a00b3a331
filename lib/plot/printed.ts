/** What `console.log`, and a cell's last expression, show of tfjs' objects: not their fields, which go on for pages. */
import { inspect } from "node:util";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { showInCell } from "../notebook";
import { tf } from "../tfjs";
import { modelTable } from "./modelTable";
import { show } from "./show";
import { datasetText, specOf, tensorText } from "./valueText";

/** A class, abstract or not. */
interface ClassOf<T> {
  readonly prototype: T;
}

/** Gives a class its text: a short one inside other values. */
function print<T extends object>(cls: ClassOf<T>, long: (value: T) => string, short = long): void {
  Object.defineProperty(cls.prototype, inspect.custom, {
    configurable: true,
    value(this: T, remainingDepth: number | null) {
      return (remainingDepth ?? Number.POSITIVE_INFINITY) >= 2 ? long(this) : short(this);
    },
  });
}

function showAtEnd(cls: ClassOf<object>): void {
  Object.defineProperty(cls.prototype, showInCell, {
    configurable: true,
    value(this: object) {
      return show(this);
    },
  });
}

print<Tensor>(tf.Tensor, tensorText, specOf);
print<tf.SymbolicTensor>(
  tf.SymbolicTensor,
  ({ dtype, shape }) =>
    `SymbolicTensor(${dtype}, [${shape.map((size) => size ?? "None").join(", ")}])`,
);
print<tf.data.Dataset<tf.TensorContainer>>(tf.data.Dataset, (dataset) => datasetText(dataset));
print<tf.layers.Layer>(tf.layers.Layer, (layer) => `${layer.getClassName()} "${layer.name}"`);
print<tf.LayersModel>(
  tf.LayersModel,
  (model) => modelTable(model)["text/plain"],
  (model) => `${model.getClassName()} "${model.name}"`,
);
for (const cls of [tf.Tensor, tf.data.Dataset, tf.LayersModel, tf.History]) showAtEnd(cls);
