/** Networks that have the common options and no others, each from its plan. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import type { Architecture } from "./architecture";
import { decodePredictions } from "./decodePredictions";
import type { KerasFiles } from "./kerasFiles";
import { buildNetwork } from "./network";
import { type ApplicationOptions, applicationOptions, checkApplicationOptions } from "./options";
import type { PreprocessInput } from "./preprocessing";
import { chooseWeights } from "./weights";

/** A function that makes a network of Keras' applications, and what goes before and after the network. */
export interface Application<Options extends ApplicationOptions = ApplicationOptions> {
  /**
   * @returns A `tf.LayersModel`; the caller disposes it. `applications.weightsOf(model)` says what it was trained on.
   * @throws InvalidArgumentError for options that make no sense together.
   * @throws ConvnetsError when the weights can't be had, ModelFileError when they don't fit.
   */
  (options?: Options): Promise<LayersModel>;
  /** RGB pixels in [0, 255] to what the network takes: for a tensor, or inside a model. */
  readonly preprocessInput: PreprocessInput;
  /** Names the most probable classes. */
  readonly decodePredictions: typeof decodePredictions;
}

/** What makes a network the one it is. */
export interface ApplicationPlan extends Omit<Architecture, "name"> {
  /** Its name among `applications`: `"resNet50"`. */
  name: string;
  /** Keras' name for the model: `"resnet50"`. */
  modelName: string;
  /** The side of images that the top's weights are made for. */
  defaultSize: number;
  /** The shortest side that the network can take. */
  leastSize: number;
  /** ImageNet's weights. */
  files: KerasFiles;
  preprocessInput: PreprocessInput;
}

/** The function that makes the network of a plan. */
export function application(plan: ApplicationPlan): Application {
  const { name, modelName, files, preprocessInput } = plan;
  async function build(options: ApplicationOptions = {}): Promise<LayersModel> {
    const settings = checkApplicationOptions(options, {
      where: `applications.${name}`,
      defaultSize: plan.defaultSize,
      leastSize: plan.leastSize,
      known: applicationOptions,
    });
    const imagenet = settings.includeTop ? files.withTop : files.withoutTop;
    const weights = await chooseWeights(settings, { imagenet });
    return buildNetwork({ ...plan, name: settings.name ?? modelName }, settings, weights);
  }
  return Object.assign(build, { preprocessInput, decodePredictions });
}
