/** Keras' optimizers, and the learning rate of any. */
export { Adadelta } from "./adadelta";
export { Adam } from "./adam";
export { Adamax } from "./adamax";
export { getLearningRate, restoreLearningRate, setLearningRate } from "./learningRate";
export { LossScaleOptimizer } from "./lossScale";
export { KerasOptimizer } from "./optimizer";
export { get } from "./registry";
export { RMSprop } from "./rmsprop";
export { serialize } from "./serialize";
export { isKerasSchedule } from "./serializedSchedule";
export { SGD } from "./sgd";
export type { Slots } from "./state";
