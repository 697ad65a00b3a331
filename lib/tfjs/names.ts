/** Losses, metrics and optimizers by name: tfjs' names, Keras' spelling of them, and what was meant by any other. */
import { invalidArgument } from "../errors";
import { nameMeant } from "../text";

/** tfjs' losses, and other names that Keras has for them. */
const losses: Readonly<Record<string, readonly string[]>> = {
  meanSquaredError: ["mse"],
  meanAbsoluteError: ["mae"],
  meanAbsolutePercentageError: ["mape"],
  meanSquaredLogarithmicError: ["msle"],
  squaredHinge: [],
  hinge: [],
  categoricalHinge: [],
  logcosh: [],
  categoricalCrossentropy: [],
  sparseCategoricalCrossentropy: [],
  binaryCrossentropy: ["bce"],
  kullbackLeiblerDivergence: ["kl_divergence", "kld"],
  poisson: [],
  cosineProximity: ["cosine_similarity"],
};

/** Keras' losses that tfjs doesn't have. */
const lossesElsewhere: Readonly<Record<string, readonly string[]>> = {
  huber: ["huber_loss"],
  binaryFocalCrossentropy: [],
  categoricalFocalCrossentropy: [],
  categoricalGeneralizedCrossEntropy: [],
  dice: [],
  tversky: [],
  circle: [],
  ctc: [],
};

/** The metrics that `compile` takes by name, and other names for them. */
const metrics: Readonly<Record<string, readonly string[]>> = {
  accuracy: [],
  acc: [],
  crossentropy: [],
  ce: [],
  binaryAccuracy: [],
  categoricalAccuracy: [],
  sparseCategoricalAccuracy: [],
  binaryCrossentropy: ["bce"],
  categoricalCrossentropy: [],
  sparseCategoricalCrossentropy: [],
  mse: ["mean_squared_error"],
  mae: ["mean_absolute_error"],
  mape: ["mean_absolute_percentage_error"],
  cosine: [],
  precision: [],
  recall: [],
  auc: [],
};

/** Keras' metrics that tfjs doesn't have. */
const metricsElsewhere: Readonly<Record<string, readonly string[]>> = {
  binaryIoU: ["binary_io_u"],
  f1Score: [],
  fBetaScore: ["fbeta_score"],
  rootMeanSquaredError: [],
  topKCategoricalAccuracy: [],
  sparseTopKCategoricalAccuracy: [],
  truePositives: [],
  trueNegatives: [],
  falsePositives: [],
  falseNegatives: [],
  meanSquaredLogarithmicError: ["msle"],
  hinge: [],
  squaredHinge: [],
  categoricalHinge: [],
  klDivergence: ["kld"],
  poisson: [],
  logCoshError: ["logcosh"],
  cosineSimilarity: [],
  pearsonCorrelation: [],
  concordanceCorrelation: [],
  r2Score: [],
};

const optimizers: Readonly<Record<string, readonly string[]>> = {
  ...{ sgd: [], rmsprop: [], adam: [], adagrad: [], adadelta: [], adamax: [] },
};

/** Keras' optimizers that tfjs doesn't have, and that need no options. */
const optimizersElsewhere: Readonly<Record<string, readonly string[]>> = {
  ...{ adamW: [], nadam: [], ftrl: [], lion: [], lamb: [], adafactor: [], muon: [] },
  scheduleFreeAdamW: [],
};

const plain = (name: string) => name.replaceAll("_", "").toLowerCase();

function find(name: string, names: Readonly<Record<string, readonly string[]>>) {
  const isIt = (other: string) => plain(other) === plain(name);
  return Object.entries(names).find(([own, others]) => isIt(own) || others.some(isIt))?.[0];
}

/** tfjs' name of a loss, or Keras' where tfjs has none. @throws InvalidArgumentError for a name that is no loss'. */
export function lossNamed(name: string): string {
  const all = { ...losses, ...lossesElsewhere };
  return find(name, all) ?? refuse("loss", name, Object.keys(all));
}

/** Whether tfjs has no function for one of Keras' losses. */
export function isLossElsewhere(name: string): boolean {
  return Object.hasOwn(lossesElsewhere, name);
}

/** tfjs' name of a metric. @throws InvalidArgumentError for a name that is no metric's. */
export function metricNamed(name: string): string {
  const all = { ...metrics, ...metricsElsewhere };
  return find(name, all) ?? refuse("metrics", name, Object.keys(all));
}

/** Whether tfjs has no function of one batch for one of Keras' metrics. */
export function isMetricElsewhere(name: string): boolean {
  return name === "auc" || Object.hasOwn(metricsElsewhere, name);
}

/** tfjs' name of an optimizer, or Keras' in camelCase. @throws InvalidArgumentError for a name that is no optimizer's. */
export function optimizerNamed(name: string): string {
  const all = { ...optimizers, ...optimizersElsewhere };
  return find(name, all) ?? refuse("optimizer", name, Object.keys(all));
}

/** Whether tfjs has no optimizer of a name. */
export function isOptimizerElsewhere(name: string): boolean {
  return Object.hasOwn(optimizersElsewhere, name);
}

function refuse(argument: string, name: string, known: string[]): never {
  const meant = nameMeant(name, known);
  throw invalidArgument(argument, {
    expected: `one of ${known.map((each) => `"${each}"`).join(", ")}, or made by a function`,
    received: name,
    hint: meant && `Did you mean \`"${meant}"\`?`,
  });
}
