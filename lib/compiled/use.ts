/** What a traced function uses: the optimizers that were heard of before, and dtypes that graphs have. */
import type { Optimizer } from "@tensorflow/tfjs-node-gpu";
import { NotCompilableError } from "../graph";
import { onOptimizerUse } from "../tfjs";
import type { TensorSpec } from "./stepRequest";

const WHAT = "calls use other optimizers, or make another number of steps, than those before";
const HINT = "Compile a function of its own for each.";

/** Says that a call uses other optimizers than the eager one that was listened to. Never leaves the room. */
export class OtherOptimizersError extends NotCompilableError {
  constructor() {
    super(WHAT, { hint: HINT });
  }

  /** The same for users. */
  toNotCompilable(): NotCompilableError {
    return new NotCompilableError(WHAT, { hint: HINT });
  }
}

/**
 * Watches the optimizers that are used until `stop`.
 *
 * Refuses another one before it counts a step, which nobody would take back.
 *
 * @param optimizers What is expected, and how many steps each makes.
 */
export function watchUse(optimizers: ReadonlyMap<Optimizer, number>): {
  check(): void;
  stop(): void;
} {
  const used = new Map<Optimizer, number>();
  let isOther = false;
  const stop = onOptimizerUse((optimizer, steps) => {
    isOther ||= !optimizers.has(optimizer);
    if (isOther) throw new OtherOptimizersError();
    used.set(optimizer, (used.get(optimizer) ?? 0) + steps);
  });
  const check = () => {
    isOther ||= [...optimizers].some(([each, steps]) => used.get(each) !== steps);
    if (isOther) throw new OtherOptimizersError();
  };
  return { check, stop };
}

/** Refuses tensors that no graph takes or gives. */
export function refuseForeign(
  verb: "takes" | "returns",
  tensors: readonly Pick<TensorSpec, "dtype">[],
): void {
  const foreign = tensors.find(({ dtype }) => dtype === "string" || dtype === "complex64");
  if (foreign === undefined) return;
  throw new NotCompilableError(`it ${verb} a tensor of dtype ${foreign.dtype}`);
}
