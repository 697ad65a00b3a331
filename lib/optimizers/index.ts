/** Keras' optimizers, and the learning rate of any. */
export { Adadelta } from "./adadelta";
export { Adam } from "./adam";
export { Adamax } from "./adamax";
export { getLearningRate, restoreLearningRate, setLearningRate } from "./learningRate";
export { KerasOptimizer } from "./optimizer";
export { get, serialize } from "./registry";
export { RMSprop } from "./rmsprop";
export { isKerasSchedule } from "./serializedSchedule";
export { SGD } from "./sgd";
export type { Slots } from "./state";
