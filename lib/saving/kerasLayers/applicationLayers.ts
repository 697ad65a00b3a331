/** Layers that Keras' own networks have in their modules: `keras.applications.ConvNeXtTiny`, `InceptionResNetV2`. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { dropoutMask, RandomLayer } from "../../layers";
import { type Config, type LayerClass, type Shape, tf, trustClass } from "../../tfjs";

type LayerArguments = ConstructorParameters<typeof tf.layers.Layer>[0];

/** ConvNeXt's: multiplies each channel by a weight. */
export class LayerScale extends tf.layers.Layer {
  static className = "LayerScale";
  private readonly initValues: number;
  private readonly projectionDim: number;
  private gamma: { read(): Tensor } | undefined;

  constructor(config: Config) {
    super(config as LayerArguments);
    this.initValues = Number(config.initValues);
    this.projectionDim = Number(config.projectionDim);
  }

  override build(inputShape: Shape | Shape[]): void {
    const initializer = tf.initializers.constant({ value: this.initValues });
    this.gamma = this.addWeight("gamma", [this.projectionDim], "float32", initializer);
    super.build(inputShape);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => tf.mul([inputs].flat()[0]!, this.gamma!.read()));
  }

  override getConfig() {
    const { initValues, projectionDim } = this;
    return { ...super.getConfig(), initValues, projectionDim };
  }
}

/** ConvNeXt's: leaves a branch out of a training step, a sample at a time. */
class StochasticDepth extends RandomLayer {
  static className = "StochasticDepth";
  private readonly dropPathRate: number;

  constructor(config: Config) {
    const { dropPathRate, ...others } = config;
    super(others);
    this.dropPathRate = Number(dropPathRate);
  }

  protected override perturb(input: Tensor): Tensor {
    const sizes = input.shape.map((size, axis) => (axis === 0 ? size : 1));
    return tf.mul(input, dropoutMask(sizes, this.dropPathRate, this.keys));
  }

  override getConfig() {
    const { seed: _, ...config } = super.getConfig();
    return { ...config, dropPathRate: this.dropPathRate };
  }
}

/** InceptionResNetV2's: adds a scaled branch. */
class CustomScaleLayer extends tf.layers.Layer {
  static className = "CustomScaleLayer";
  private readonly scale: number;

  constructor(config: Config) {
    super(config as LayerArguments);
    this.scale = Number(config.scale);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tf.tidy(() => {
      const [whole, branch] = [inputs].flat() as [Tensor, Tensor];
      return tf.add(whole, tf.mul(branch, this.scale));
    });
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    return (inputShape as Shape[])[0]!;
  }

  override getConfig() {
    return { ...super.getConfig(), scale: this.scale };
  }
}

for (const cls of [LayerScale, StochasticDepth, CustomScaleLayer]) trustClass(cls);

/** By the module that has them: the names alone may be a user's own. */
export const applicationLayers: Record<string, LayerClass> = {
  "keras.src.applications.convnext>LayerScale": LayerScale,
  "keras.src.applications.convnext>StochasticDepth": StochasticDepth,
  "keras.src.applications.inception_resnet_v2>CustomScaleLayer": CustomScaleLayer,
};
