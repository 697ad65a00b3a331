/** tfjs' own optimizers seen as Keras': the same settings, and the state in Keras' order. */
import type { Optimizer, Variable } from "@tensorflow/tfjs-node-gpu";
import type { JsonObject } from "../json";
import { insides, type SlotList, type SlotLists } from "./insides";
import { setIterations, setLearningRateOf } from "./optimizer";
import { type SlotNames, slotNames } from "./slots";
import { tf } from "./tensorflow";

/** Settings by tfjs' names. */
type Settings = Record<string, number | boolean>;

/** A field of tfjs that has a slot for each weight. */
type SlotName = keyof SlotLists;

interface OptimizerRule {
  /** Keras' class name. */
  keras: string;
  /** Keras' names of the settings → tfjs'. */
  settings: Record<string, string>;
  /** Keras' names of the slots → tfjs' fields. */
  fields: Record<string, SlotName>;
  /** Keras' value = factor × tfjs' value. @default 1 */
  factor?(learningRate: number): number;
}

const moments = { beta_1: "beta1", beta_2: "beta2", epsilon: "epsilon" };

/** By tfjs' class names. */
const rules: Record<string, OptimizerRule> = {
  SGD: { keras: "SGD", settings: {}, fields: {} },
  Momentum: {
    keras: "SGD",
    settings: { momentum: "momentum", nesterov: "useNesterov" },
    fields: { momentum: "accumulations" },
    factor: (learningRate) => -learningRate, // Keras keeps steps, tfjs sums of gradients
  },
  RMSProp: {
    keras: "RMSprop",
    settings: { rho: "decay", momentum: "momentum", epsilon: "epsilon", centered: "centered" },
    fields: {
      velocity: "accumulatedMeanSquares",
      momentum: "accumulatedMoments",
      averageGradient: "accumulatedMeanGrads",
    },
  },
  Adam: {
    keras: "Adam",
    settings: moments,
    fields: { momentum: "accumulatedFirstMoment", velocity: "accumulatedSecondMoment" },
  },
  Adamax: {
    keras: "Adamax",
    settings: moments,
    fields: { momentum: "accumulatedFirstMoment", norm: "accumulatedWeightedInfNorm" },
  },
  Adagrad: {
    keras: "Adagrad",
    settings: { initial_accumulator_value: "initialAccumulatorValue" },
    fields: { accumulator: "accumulatedGrads" },
  },
  Adadelta: {
    keras: "Adadelta",
    settings: { rho: "rho", epsilon: "epsilon" },
    fields: { accumulatedGrad: "accumulatedGrads", accumulatedDeltaVar: "accumulatedUpdates" },
  },
};

/** The names of tfjs' optimizers that have a counterpart. */
export const tfjsOptimizers = Object.keys(rules);

function ruleOf(optimizer: Optimizer): OptimizerRule {
  return rules[optimizer.getClassName()]!;
}

function settingsOf(optimizer: Optimizer): Settings {
  return optimizer.getConfig() as Settings;
}

/** tfjs' fields in Keras' order: each inner list goes weight by weight, one list after the other. */
function fieldsOf(optimizer: Optimizer): SlotName[][] {
  const { keras, fields } = ruleOf(optimizer);
  const { groups } = slotNames(keras, settingsOf(optimizer))!;
  return groups.map((group) => group.map((slot) => fields[slot]!));
}

/** What Keras' optimizer in the place of this one keeps; undefined where Keras has none. */
export function slotsAsKeras(optimizer: Optimizer): SlotNames | undefined {
  const name = optimizer.getClassName();
  return slotNames(rules[name]?.keras ?? name, optimizer.getConfig());
}

/** Keras' class and settings for one of tfjs' optimizers. */
export function asKeras(optimizer: Optimizer): { class_name: string; config: JsonObject } {
  const { keras, settings } = ruleOf(optimizer);
  const own = settingsOf(optimizer);
  const config: JsonObject = { learning_rate: own.learningRate! };
  for (const [key, name] of Object.entries(settings)) config[key] = own[name]!;
  return { class_name: keras, config };
}

/** The values of all slots in Keras' order; none before the first step. */
export function tfjsSlots(optimizer: Optimizer): { shape: number[]; data: Float32Array }[] {
  const { factor } = ruleOf(optimizer);
  const scale = factor?.(Number(settingsOf(optimizer).learningRate)) ?? 1;
  return fieldsOf(optimizer).flatMap((names) => {
    const lists = names.map((name) => slotsOf(optimizer, name));
    return (lists[0] ?? []).flatMap((_, i) =>
      lists.map((list) => {
        const { variable } = list[i]!;
        return {
          shape: variable.shape,
          data: Float32Array.from(variable.dataSync(), (x) => x * scale),
        };
      }),
    );
  });
}

/** Whether one of tfjs' optimizers keeps anything for weights yet. */
export function hasTfjsSlots(optimizer: Optimizer): boolean {
  return fieldsOf(optimizer)
    .flat()
    .some((name) => slotsOf(optimizer, name).length > 0);
}

/** The shapes of all slots in Keras' order. */
export function tfjsSlotShapes(optimizer: Optimizer, weights: Variable[]): number[][] {
  return fieldsOf(optimizer).flatMap((names) =>
    weights.flatMap(({ shape }) => names.map(() => shape)),
  );
}

/** Puts one of tfjs' optimizers where a file says it stood. */
export function restoreTfjs(
  optimizer: Optimizer,
  weights: Variable[],
  state: { iterations: number; learningRate: number; slots: Float32Array[] },
): void {
  const { factor } = ruleOf(optimizer);
  setProgress(optimizer, state);
  const scale = factor?.(state.learningRate) ?? 1;
  const values = state.slots.values();
  for (const names of fieldsOf(optimizer)) {
    const made = names.map((name): [SlotName, SlotList] => [name, []]);
    for (const weight of weights) {
      for (const [name, list] of made) {
        const data = values.next().value!.map((x) => (scale === 0 ? 0 : x / scale));
        const variable = tf.tidy(() =>
          tf.variable(tf.tensor(data, weight.shape, "float32"), false),
        );
        list.push({ originalName: `${weight.name}/${name}`, variable });
      }
    }
    for (const [name, list] of made) {
      for (const { variable } of slotsOf(optimizer, name)) variable.dispose();
      slotLists(optimizer)[name] = list;
    }
  }
}

function setProgress(
  optimizer: Optimizer,
  { iterations, learningRate }: { iterations: number; learningRate: number },
): void {
  setIterations(optimizer, iterations);
  setLearningRateOf(optimizer, learningRate);
  // Each is there only in the classes that use it.
  const { beta1, accBeta1, iteration } = insides("AdamaxPowers", optimizer);
  const { beta2, accBeta2 } = insides("AdamPowers", optimizer);
  tf.tidy(() => {
    accBeta1?.assign(tf.scalar(beta1 ** (iterations + 1)));
    accBeta2?.assign(tf.scalar(beta2 ** (iterations + 1)));
    iteration?.assign(tf.scalar(iterations));
  });
}

function slotsOf(optimizer: Optimizer, name: SlotName): SlotList {
  return slotLists(optimizer)[name] ?? [];
}

function slotLists(optimizer: object): SlotLists {
  return optimizer;
}
