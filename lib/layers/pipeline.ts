/** Several layers as one. */
import type { serialization, Tensor } from "@tensorflow/tfjs-node-gpu";
import { ConvnetsError, invalidArgument } from "../errors";
import { type Layer, makeLayer, type Shape, tf } from "../tfjs";
import type { CommonLayerOptions, Config } from "./options";
import { oneShape, PlainLayer } from "./plainLayer";

/** Options of `layers.pipeline`. */
export interface PipelineOptions extends CommonLayerOptions {
  /** What an input goes through, one after another; layers without weights. */
  layers: Layer[];
}

/**
 * Applies layers one after another.
 *
 * @see https://keras.io/api/layers/preprocessing_layers/image_augmentation/pipeline/
 */
export class Pipeline extends PlainLayer {
  /** Keras' name of the class. */
  static className = "Pipeline";
  /** The layers, in their order. */
  readonly layers: Layer[];

  constructor(options: PipelineOptions) {
    super(options);
    const { layers } = options;
    const isLayer = (each: unknown) => each instanceof tf.layers.Layer;
    if (!Array.isArray(layers) || !layers.every(isLayer)) {
      throw invalidArgument("layers", { expected: "a list of layers", received: layers });
    }
    this.layers = layers;
  }

  override build(inputShape: Shape | Shape[]): void {
    let shape = oneShape(inputShape);
    for (const layer of this.layers) {
      if (!layer.built) layer.build(shape);
      layer.built = true;
      if (layer.weights.length > 0) {
        throw new ConvnetsError(
          `A pipeline takes layers without weights. "${layer.name}" has ${layer.weights.length}.`,
        );
      }
      shape = layer.computeOutputShape(shape) as Shape;
    }
    super.build(inputShape);
  }

  protected override compute(input: Tensor, kwargs: Parameters<Layer["call"]>[1]): Tensor {
    return this.layers.reduce((x, layer) => layer.call(x, kwargs) as Tensor, input);
  }

  protected override shapeAfter(shape: Shape): Shape {
    return this.layers.reduce((each, layer) => layer.computeOutputShape(each) as Shape, shape);
  }

  /** The layer of a configuration. */
  static override fromConfig<T extends serialization.Serializable>(
    cls: serialization.SerializableConstructor<T>,
    config: Config,
  ): T {
    const described = config.layers as { className: string; config: Config }[];
    const layers = described.map((each) => makeLayer(each.className, each.config));
    return new cls({ ...config, layers } as never);
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    const layers = this.layers.map((layer) => ({
      className: layer.getClassName(),
      config: layer.getConfig(),
    }));
    return { ...super.getConfig(), layers };
  }
}
