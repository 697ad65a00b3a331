/** Layers that were given no name are named as Keras names them: tfjs would call one `conv2d_Conv2D16`. */
import { isModel, type Layer } from "./layer";
import { nextName } from "./layerNames";
import { nameSequentials } from "./named";
import * as tf from "./tfjs";

/** Puts this in the place of tfjs' names; names that are given stay. */
export function nameAsKeras(): void {
  nameSequentials();
  const { prototype } = tf.layers.Layer;
  const { getClassName } = prototype;
  /** Layers without a name yet that asked for their class': tfjs does so only to make up a name. */
  const unnamed = new WeakSet<Layer>();
  prototype.getClassName = function () {
    if (!Object.hasOwn(this, "name")) unnamed.add(this);
    return getClassName.call(this);
  };
  Object.defineProperty(prototype, "name", {
    configurable: true,
    get: () => undefined,
    set(this: Layer, given: string) {
      const isAsked = unnamed.has(this);
      const className = this.getClassName();
      // A class of the user's own may answer by itself, and then it isn't heard above.
      const isMadeUp =
        this.getClassName === prototype.getClassName
          ? isAsked
          : given.replace(/\d+$/, "").endsWith(`_${className}`);
      const value = isMadeUp && !isModel(this) ? nextName(className) : given;
      Object.defineProperty(this, "name", {
        ...{ value, configurable: true, enumerable: true, writable: true },
      });
    },
  });
}
