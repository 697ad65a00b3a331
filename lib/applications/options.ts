/** What every network's builder takes, and the checks that Keras makes. */
import {
  checkBoolean,
  checkOneOf,
  checkText,
  checkVerbose,
  checkWhole,
  isWithin,
  type KnownOptions,
  rejectUnknownOptions,
} from "../checks";
import { InvalidArgumentError, invalidArgument } from "../errors";
import { tf } from "../tfjs";

/** Options of a network's builder. */
export interface ApplicationOptions {
  /**
   * `"imagenet"`: Keras' own weights, from `~/.keras/models` or downloaded to there. Or the path of a file of weights,
   * or `null` for random ones.
   *
   * @default "imagenet"
   */
  weights?: "imagenet" | (string & {}) | null;
  /** Whether the classifier is kept. @default true */
  includeTop?: boolean;
  /**
   * `[height, width, channels]`, at least 32 × 32 (`inceptionV3` 75 × 75, `xception` 71 × 71); `null` for a side of any
   * length without the top.
   *
   * @default [224, 224, 3] with the top, [299, 299, 3] for `inceptionV3` and `xception`; [null, null, 3] without
   */
  inputShape?: [height: number | null, width: number | null, channels: number];
  /** Without the top: `"avg"` or `"max"` of each feature map, `null` for the maps themselves. @default null */
  pooling?: "avg" | "max" | null;
  /** How many classes the top tells apart; trained weights have no other number than 1000. @default 1000 */
  classes?: number;
  /** The top's activation; `null` for logits. @default "softmax" */
  classifierActivation?: string | null;
  /** Name of the model. @default Keras' own */
  name?: string;
  /** Where Keras' weights are downloaded from: a mirror of `keras-applications/`. @default Google's folder */
  baseUrl?: string;
  /** 1 prints what is downloaded and which weights `"auto"` took, 0 nothing. @default 1 */
  verbose?: 0 | 1;
}

/** Options of a network that has packaged weights as well, called `Name`. */
export interface PackagedOptions<Name extends string> extends Omit<ApplicationOptions, "weights"> {
  /**
   * `"imagenet"`: Keras' own weights, from `~/.keras/models` or downloaded to there. `"auto"`: the same where they can
   * be had, else those of the project's `data/weights/`, and a line that says which. The name of the latter alone, the
   * path of a file of weights, or `null` for random ones.
   *
   * @default "imagenet"
   */
  weights?: "imagenet" | "auto" | Name | (string & {}) | null;
}

export const applicationOptions: KnownOptions<ApplicationOptions> = {
  weights: true,
  includeTop: true,
  inputShape: true,
  pooling: true,
  classes: true,
  classifierActivation: true,
  name: true,
  baseUrl: true,
  verbose: true,
};

type Shape = NonNullable<ApplicationOptions["inputShape"]>;

/** Checked options with every default in its place. */
export interface ApplicationSettings {
  weights: string | null;
  includeTop: boolean;
  inputShape: Shape;
  pooling: "avg" | "max" | null;
  classes: number;
  /** tfjs' name of the top's activation. */
  classifierActivation: string;
  name: string | undefined;
  baseUrl: string | undefined;
  verbose: 0 | 1;
}

/** What differs between networks in what they take. */
interface OptionRules<Options> {
  /** The function, for messages: `"applications.vgg16"`. */
  where: string;
  /** The side of images that the top's weights are made for; `null` where the top takes images of any size. */
  defaultSize: number | null;
  /** The shortest side that the network can take. */
  leastSize: number;
  known: KnownOptions<Options>;
}

/**
 * Checks what can be checked without looking at any file.
 *
 * @throws InvalidArgumentError as Keras would.
 */
export function checkApplicationOptions<Options extends ApplicationOptions>(
  received: Options,
  options: OptionRules<Options>,
): ApplicationSettings {
  const { where, defaultSize, leastSize, known } = options;
  rejectUnknownOptions(received, known, where);
  const { includeTop = true, pooling = null, classes = 1000 } = received;
  const weights = received.weights === undefined ? "imagenet" : received.weights;
  if (weights !== null) checkText("weights", weights, { what: "a name, a path or null" });
  checkBoolean("includeTop", includeTop);
  checkOneOf("pooling", pooling, ["avg", "max", null]);
  checkWhole("classes", classes, { low: 1, high: 100_000 });
  checkText("name", received.name, { what: "a name" });
  checkText("baseUrl", received.baseUrl, { what: "an address" });
  if (received.baseUrl !== undefined && !URL.canParse(received.baseUrl)) {
    throw invalidArgument("baseUrl", {
      expected: "a whole address, https://… or http://…",
      received: received.baseUrl,
    });
  }
  checkVerbose(received.verbose);
  const isImageNet = weights === "imagenet" || weights === "auto";
  if (isImageNet && includeTop && classes !== 1000) {
    throw invalidArgument("classes", {
      expected: "1000 with ImageNet's weights and `includeTop: true`",
      received: classes,
    });
  }
  const settings = { includeTop, isImageNet, isTrained: weights !== null };
  return {
    weights,
    includeTop,
    inputShape: inputShapeOf(received.inputShape, { ...settings, defaultSize, leastSize }),
    pooling,
    classes,
    classifierActivation: activationOf(received.classifierActivation, settings),
    name: received.name,
    baseUrl: received.baseUrl,
    verbose: received.verbose ?? 1,
  };
}

function inputShapeOf(
  shape: ApplicationOptions["inputShape"],
  options: Pick<OptionRules<ApplicationOptions>, "defaultSize" | "leastSize"> & {
    includeTop: boolean;
    isImageNet: boolean;
  },
): Shape {
  const { includeTop, isImageNet, defaultSize, leastSize } = options;
  if (shape === undefined || shape === null) {
    return includeTop ? [defaultSize, defaultSize, 3] : [null, null, 3];
  }
  const [height = 0, width = 0, channels = 0] = Array.isArray(shape) ? shape : [];
  const isSide = (side: unknown) =>
    side === null || (Number.isInteger(side) && isWithin(side, { low: leastSize, high: 10_000 }));
  if (
    shape.length !== 3 ||
    !isSide(height) ||
    !isSide(width) ||
    !(Number.isInteger(channels) && isWithin(channels, { low: 1, high: 10_000 }))
  ) {
    throw invalidArgument("inputShape", {
      expected: `[height, width, channels] of at least ${leastSize} × ${leastSize}, none above 10000`,
      received: shape,
    });
  }
  if (isImageNet && channels !== 3) {
    throw invalidArgument("inputShape", {
      expected: "of 3 channels with trained weights",
      received: shape,
    });
  }
  if (!includeTop || defaultSize === null) return [height, width, channels];
  if (isImageNet && (height !== defaultSize || width !== defaultSize)) {
    throw invalidArgument("inputShape", {
      expected: `[${defaultSize}, ${defaultSize}, 3] with ImageNet's weights and the top`,
      received: shape,
      hint: "`includeTop: false` takes images of any size.",
    });
  }
  if (height === null || width === null) {
    throw invalidArgument("inputShape", {
      expected: "of a fixed height and width with the top",
      received: shape,
    });
  }
  return [height, width, channels];
}

function activationOf(
  activation: string | null | undefined,
  { includeTop, isTrained }: { includeTop: boolean; isTrained: boolean },
): string {
  const name = activation === undefined ? "softmax" : activation;
  if (includeTop && isTrained && name !== null && name !== "softmax") {
    throw invalidArgument("classifierActivation", {
      expected: `"softmax" or null with trained weights`,
      received: activation,
    });
  }
  if (name === null) return "linear";
  if (isActivation(name)) return name;
  throw invalidArgument("classifierActivation", {
    expected: `the name of an activation, such as "softmax" or "sigmoid", or null`,
    received: activation,
  });
}

function isActivation(name: unknown): boolean {
  if (typeof name !== "string") return false;
  try {
    // With a name of its own, it counts among no other layers.
    tf.layers.activation({ activation: name as "softmax", name: "classifier_activation" });
    return true;
  } catch {
    return false;
  }
}

/** Refuses a top for weights that have none. */
export function refuseTop(weights: string, { includeTop }: ApplicationSettings): void {
  if (!includeTop) return;
  throw new InvalidArgumentError(
    `The weights "${weights}" have no top for ImageNet's classes. Received: includeTop=true`,
    { hint: "Pass `includeTop: false`." },
  );
}
