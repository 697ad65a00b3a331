/** tfjs' own layer classes, which it doesn't export: to mend them where they don't compute what Keras computes. */
import type { Layer } from "./layer";
import * as tf from "./tfjs";

/** What all layers of a class share; a change reaches those that are there already. */
export function prototypeOf(className: string): Layer {
  const cls: object = tf.serialization.SerializationMap.getMap().classNameMap[className]![0];
  return (cls as { prototype: Layer }).prototype;
}
