/** Cases about the library's callbacks: what they change, when they stop, what they keep and write. */
import { type CallbackSpec, type Case, type Config, layer, makeCase, stack } from "./description";

function callbackCase(name: string, callbacks: CallbackSpec[], more: Partial<Case> = {}): Case {
  const model = stack(
    [5],
    [
      layer("Dense", { units: 6, activation: "tanh" }),
      layer("Dense", { units: 3, activation: "softmax" }),
    ],
  );
  return makeCase(`callbacks: ${name}`, model, {
    targets: ["class"],
    losses: ["sparseCategoricalCrossentropy"],
    metrics: ["accuracy"],
    optimizer: { kind: "SGD", config: { learning_rate: 0.8 } },
    samples: 16,
    validationSplit: 0.25,
    epochs: 7,
    callbacks,
    ...more,
  });
}

const plateau = (options: Config = {}): CallbackSpec => ({
  kind: "reduceLROnPlateau",
  options: { factor: 0.5, patience: 1, ...options },
});
const stop = (options: Config = {}): CallbackSpec => ({ kind: "earlyStopping", options });
const csv: CallbackSpec = { kind: "csvLogger" };

export const callbackCases: Case[] = [
  callbackCase("a plateau", [plateau()]),
  callbackCase("a plateau that cools down", [
    plateau({ minDelta: 0.05, cooldown: 2, minLR: 0.15, monitor: "loss" }),
  ]),
  callbackCase("a plateau of an accuracy", [
    plateau({ monitor: "val_accuracy", mode: "max", factor: 0.1 }),
  ]),
  callbackCase("stopping early", [stop({ patience: 1, minDelta: 0.02 })]),
  callbackCase("stopping early at the best weights", [
    stop({ monitor: "val_accuracy", patience: 2, restoreBestWeights: true }),
  ]),
  callbackCase("stopping early from an epoch on, with a baseline", [
    stop({ monitor: "loss", baseline: 0.9, startFromEpoch: 2, patience: 2 }),
  ]),
  callbackCase("a schedule", [{ kind: "learningRateScheduler", factor: 0.7 }]),
  callbackCase("the best weights in a file", [
    { kind: "modelCheckpoint", options: { monitor: "val_loss" } },
  ]),
  callbackCase("a csv file", [csv]),
  callbackCase("a csv file behind a plateau", [plateau({ monitor: "loss" }), csv]),
  callbackCase("a csv file without validation", [csv], { validationSplit: 0 }),
  callbackCase("all at once", [
    { kind: "learningRateScheduler", factor: 0.9 },
    plateau({ monitor: "loss", minDelta: 0.1 }),
    csv,
    { kind: "modelCheckpoint", options: { monitor: "val_accuracy", mode: "max" } },
    stop({ patience: 3 }),
  ]),
];
