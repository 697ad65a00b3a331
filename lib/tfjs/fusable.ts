/** tfjs' optimizers as those see them that write their updates anew. */
import type { Optimizer, Variable } from "@tensorflow/tfjs-node-gpu";
import { insides, type SlotList } from "./insides";

/** The slot of a weight, by the weight's place in the optimizer's list; made by the first step. */
export type SlotOf = (index: number) => Variable;

/** The rule of one of tfjs' optimizers, its settings and its state. */
export type TfjsOptimizer =
  | { rule: "descent" }
  | { rule: "momentum"; momentum: number; nesterov: boolean; accumulation: SlotOf }
  | {
      rule: "rmsprop";
      decay: number;
      momentum: number;
      epsilon: number;
      centered: boolean;
      meanSquare: SlotOf;
      moment: SlotOf;
    }
  | {
      rule: "adam";
      beta1: number;
      beta2: number;
      epsilon: number;
      firstMoment: SlotOf;
      secondMoment: SlotOf;
      /** The betas to the power of the next step's number. */
      beta1Power: Variable;
      beta2Power: Variable;
    };

/** What there is to know of one of tfjs' optimizers; undefined for the classes that nobody asks for. */
export function tfjsOptimizer(optimizer: Optimizer): TfjsOptimizer | undefined {
  const settings = optimizer.getConfig();
  const number = (name: string) => settings[name] as number;
  switch (optimizer.getClassName()) {
    case "SGD":
      return { rule: "descent" };
    case "Momentum":
      return {
        rule: "momentum",
        momentum: insides("SteadyMomentum", optimizer).m.dataSync()[0]!,
        nesterov: settings.useNesterov as boolean,
        accumulation: slots(() => insides("Momentum", optimizer).accumulations),
      };
    case "RMSProp": {
      const lists = insides("RMSProp", optimizer);
      return {
        rule: "rmsprop",
        decay: number("decay"),
        momentum: number("momentum"),
        epsilon: number("epsilon"),
        centered: settings.centered as boolean,
        meanSquare: slots(() => lists.accumulatedMeanSquares),
        moment: slots(() => lists.accumulatedMoments),
      };
    }
    case "Adam": {
      const lists = insides("Adam", optimizer);
      const { accBeta1, accBeta2 } = insides("AdamPowers", optimizer);
      return {
        rule: "adam",
        beta1: number("beta1"),
        beta2: number("beta2"),
        epsilon: number("epsilon"),
        firstMoment: slots(() => lists.accumulatedFirstMoment),
        secondMoment: slots(() => lists.accumulatedSecondMoment),
        beta1Power: accBeta1,
        beta2Power: accBeta2,
      };
    }
    default:
      return undefined;
  }
}

/** Asks for the list each time: tfjs puts another in its place when state is restored. */
function slots(list: () => SlotList): SlotOf {
  return (index) => list()[index]!.variable;
}
