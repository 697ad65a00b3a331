/** What a compiled function knows of arguments of one kind. */
import type { Optimizer } from "@tensorflow/tfjs-node-gpu";
import type { FunctionGraph } from "./functionGraph";
import type { Form } from "./leaves";
import type { Reach } from "./reach";
import type { TensorSpec } from "./stepRequest";

/** Arguments of one kind: structure, shapes, dtypes, and what is no tensor. */
export interface Kind {
  form: Form;
  inputs: TensorSpec[];
  /** The optimizers that a call uses, and how many steps each makes. */
  optimizers: ReadonlyMap<Optimizer, number>;
  /** Variables of JavaScript's that the last eager call changed: a trace would change them, too. */
  changes: readonly string[];
  /** Whether it was called first once more, since optimizers changed, and no graph was made yet. */
  isAgain: boolean;
  compiled: { graph: FunctionGraph; reach: Reach } | undefined;
  /** What the function followed from after the last eager call. */
  reach: Reach | undefined;
  /** What had changed before that call, in words. */
  changed: string | undefined;
}
