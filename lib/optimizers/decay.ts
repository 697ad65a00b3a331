/** Which weights aren't decayed. */
import type { Variable } from "@tensorflow/tfjs-node-gpu";
import { checkList, checkTexts, rejectUnknownOptions } from "../checks";
import { tf } from "../tfjs";

/** A weight: a variable, or what layers hold, such as `layer.weights`. @inline */
export type DecayedWeight =
  | Variable
  | {
      /** Gives the variable. */
      read(): unknown;
    };

/** Options of `excludeFromWeightDecay`. */
export interface WeightDecayExclusions {
  /** Weights by themselves, such as `layer.weights`. @default none */
  varList?: readonly DecayedWeight[];
  /**
   * Regular expressions: of a weight one is found in the name, without the layer's. `["bias"]` are all biases.
   *
   * @default none
   */
  varNames?: readonly string[];
}

/** Whether a variable is left out. */
export type IsExcluded = (variable: Variable) => boolean;

/** Which variables are left out. */
export function exclusionsOf(options: WeightDecayExclusions): IsExcluded {
  const known = { varList: true, varNames: true } as const;
  rejectUnknownOptions(options, known, "excludeFromWeightDecay()");
  const { varList = [], varNames = [] } = options;
  const isWeight = (given: unknown) =>
    given instanceof tf.Variable || given instanceof tf.LayerVariable;
  if (varList.length > 0) checkList("varList", varList, { what: "weights", fits: isWeight });
  if (varNames.length > 0) checkTexts("varNames", varNames, { what: "parts of names" });
  const variables = new Set<unknown>(
    varList.map((given) => (given instanceof tf.Variable ? given : given.read())),
  );
  const pattern = varNames.length > 0 ? new RegExp(varNames.join("|")) : undefined;
  const ownName = ({ name }: Variable) => name.slice(name.lastIndexOf("/") + 1);
  return (variable) => variables.has(variable) || pattern?.test(ownName(variable)) === true;
}
