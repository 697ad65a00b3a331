/** Metrics by which way is better. */

/** By Keras' names: what `EarlyStopping(monitor=name)` finds for a model with that metric, in Keras 3.15.1. */
export const keras = {
  up: [
    ...["accuracy", "acc", "binary_accuracy", "categorical_accuracy"],
    ...["top_k_categorical_accuracy", "cosine_similarity", "precision", "Precision", "recall"],
    ...["Recall", "auc", "AUC", "F1Score", "FBetaScore", "R2Score", "PearsonCorrelation"],
    "ConcordanceCorrelation",
  ],
  down: [
    ...["loss", "binary_crossentropy", "categorical_crossentropy", "mse", "MSE", "mae", "MAE"],
    ...["mape", "MAPE", "msle", "hinge", "squared_hinge", "categorical_hinge", "kl_divergence"],
    ...["poisson", "mean_squared_error", "root_mean_squared_error", "mean_absolute_error"],
  ],
} as const;

/** Our names that Keras doesn't know as they are. */
export const ours = {
  up: [
    ...["binaryAccuracy", "categoricalAccuracy", "sparseCategoricalAccuracy", "topKAccuracy"],
    ...["binaryIoU", "meanIoU", "f1Score", "fBetaScore", "topKCategoricalAccuracy"],
    ...["sparseTopKCategoricalAccuracy", "precisionAtRecall", "recallAtPrecision"],
    ...["sensitivityAtSpecificity", "specificityAtSensitivity", "cosineSimilarity", "r2Score"],
    ...["pearsonCorrelation", "concordanceCorrelation"],
  ],
  down: [
    ...["crossentropy", "ce", "binaryCrossentropy", "categoricalCrossentropy"],
    ...["sparseCategoricalCrossentropy", "meanSquaredError", "meanAbsoluteError"],
    ...["meanAbsolutePercentageError", "meanSquaredLogarithmicError", "kullbackLeiblerDivergence"],
    ...["cosine", "cosineProximity", "logcosh", "squaredHinge", "categoricalHinge"],
    ...["rootMeanSquaredError", "klDivergence", "logCoshError"],
  ],
} as const;
