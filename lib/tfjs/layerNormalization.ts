/** tfjs' `LayerNormalization`, whose weights have the order in which Keras takes its axes: that of their numbers. */
import { insides } from "./insides";
import { prototypeOf } from "./prototypes";

export function sortAxes(): void {
  const layer = prototypeOf("LayerNormalization");
  const { build } = layer;
  layer.build = function (inputShape) {
    const own = insides("Normalization", this);
    if (Array.isArray(own.axis)) own.axis = own.axis.toSorted((a, b) => a - b);
    build.call(this, inputShape);
  };
}
