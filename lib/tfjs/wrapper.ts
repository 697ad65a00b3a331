/** What tfjs has and doesn't export: the base of layers that wrap another, and constraints by their names. */
import type { layers } from "@tensorflow/tfjs-node-gpu";
import { type Insides, insides } from "./insides";
import { type LayerClass, layerClass } from "./layerClasses";
import { tf } from "./tensorflow";

type Given = NonNullable<Parameters<typeof tf.layers.dense>[0]>["kernelConstraint"];
type Constraint = Insides["Dense"]["kernelConstraint"];

/** The class that `TimeDistributed` and `Bidirectional` are of. */
export function wrapperClass(): LayerClass<{ layer: layers.Layer }> {
  return Object.getPrototypeOf(layerClass("TimeDistributed")!);
}

/** A constraint as layers take it, made; null where there is none. */
export function asConstraint(given: Given | null | undefined): Constraint | null {
  if (given == null) return null;
  const options = { units: 1, name: "constrained", kernelConstraint: given };
  return insides("Dense", tf.layers.dense(options)).kernelConstraint;
}
