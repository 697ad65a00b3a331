/** Training, measuring and describing models as Keras does. */
export type { BatchDataset, DatasetElement, Tensors, TrainingData } from "./batches";
export { Callback, type CallbackLike, type CallbackParams, type Logs } from "./callbacks/callback";
export { exportSavedModel } from "./compiled/exportSavedModel";
export { type EvaluateOptions, evaluate } from "./evaluate";
export { type FitOptions, fit } from "./fit";
export { History } from "./history";
export { InterruptedError } from "./interruption";
export { getLearningRate, setLearningRate } from "./learningRate";
export { type CrossentropyLoss, type CrossentropyOptions, losses } from "./losses";
export { type PredictOptions, predict } from "./predict";
export { type SummaryOptions, summary } from "./summary";
