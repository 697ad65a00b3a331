/** Words for those who do what tfjs' and Keras' pages show. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { ConvnetsError, describeValue } from "../errors";
import { isModel } from "./layer";
import * as tf from "./tfjs";

/** Says once that tfjs' own training isn't this library's. */
export function hintAtFit(): void {
  const { prototype } = tf.LayersModel as unknown as { prototype: LayersModel };
  let isSaid = false;
  for (const name of ["fit", "fitDataset"] as const) {
    const { [name]: own } = prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
    Object.assign(prototype, {
      [name](this: LayersModel, ...args: unknown[]) {
        if (!isSaid) {
          isSaid = true;
          console.warn(
            `\`model.${name}\` is tfjs' own and slower. Use \`await fit(model, [x, y], { epochs: 5 })\` of convnets, which takes datasets too.`,
          );
        }
        return own!.apply(this, args);
      },
    });
  }
}

/** Refuses a layer that would leave nothing of a picture, as Keras does, before it makes its weights. */
export function refuseTooSmall(): void {
  const { prototype } = tf.layers.Layer;
  const { apply } = prototype;
  Object.assign(prototype, {
    apply(this: tf.layers.Layer, ...given: Parameters<typeof apply>) {
      const [input, ...others]: unknown[] = [given[0]].flat();
      const isSequence = input instanceof tf.SymbolicTensor && input.shape.length > 2;
      if (isSequence && others.length === 0 && !isModel(this)) {
        const output = shapeAfter(this, input.shape);
        if (output?.some((size) => size !== null && size <= 0)) {
          throw new ConvnetsError(
            `The layer ${describeValue(this.name)} leaves nothing of its input: [${texts(input.shape)}] would become [${texts(output)}].`,
            { hint: "Give larger pictures, or leave out a layer that makes them smaller." },
          );
        }
      }
      return apply.apply(this, given);
    },
  });
}

type Shape = (number | null)[];

const texts = (shape: Shape) => shape.map((size) => size ?? "null").join(", ");

/** The shape that a layer promises; undefined where it can't say before it is built, or has several. */
function shapeAfter(layer: tf.layers.Layer, shape: Shape): Shape | undefined {
  try {
    const promised = layer.computeOutputShape(shape);
    return Array.isArray(promised[0]) ? undefined : (promised as Shape);
  } catch {
    return undefined;
  }
}
