/** Which way a number of the logs gets better. */

/** `"up"` for what should grow, `"down"` for what should shrink. */
export type Direction = "up" | "down";

/**
 * By the last words of a name, in Python's spelling.
 *
 * As Keras has it for its metrics; `cosine` and `cosine_proximity` are tfjs', which give minus the similarity.
 */
const directions: Readonly<Record<string, Direction>> = {
  acc: "up",
  accuracy: "up",
  precision: "up",
  recall: "up",
  auc: "up",
  f1: "up",
  f1_score: "up",
  f_beta_score: "up",
  iou: "up",
  io_u: "up",
  r2_score: "up",
  cosine_similarity: "up",
  correlation: "up",
  sensitivity: "up",
  specificity: "up",

  loss: "down",
  error: "down",
  mse: "down",
  mae: "down",
  mape: "down",
  msle: "down",
  rmse: "down",
  ce: "down",
  crossentropy: "down",
  hinge: "down",
  logcosh: "down",
  log_cosh: "down",
  divergence: "down",
  kld: "down",
  poisson: "down",
  cosine: "down",
  cosine_proximity: "down",
};

/**
 * Which way a number gets better, told from its name.
 *
 * @param name As in the logs: `"val_accuracy"`, `"digits_meanSquaredError"`, `"loss"`. What stands before the metric's
 *   name, such as `val_` or an output's name, doesn't matter, nor does the number of a metric that is there twice, or of one
 *   of its parts.
 * @returns undefined for a name that says nothing.
 */
export function directionOf(name: string): Direction | undefined {
  const words = name
    .replace(/(?:_\d+)?(?:\[\d+\])?$/, "")
    .replace(/(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "_")
    .toLowerCase()
    .split("_");
  const endings = words.map((_, first) => words.slice(first).join("_"));
  const known = endings.find((ending) => Object.hasOwn(directions, ending));
  return known === undefined ? undefined : directions[known];
}
