/** Whether bfloat16 makes sense here. */
import { invalidArgument } from "../errors";
import type { RunnerOptions } from "./step";

/** Refuses bfloat16 without compilation. */
export function checkBfloat16({
  engine: wanted,
  precision,
}: Pick<RunnerOptions, "engine" | "precision">): void {
  if (precision === "bfloat16" && wanted === "eager") {
    throw invalidArgument("precision", {
      expected: '"float32" when the engine is "eager": tfjs\' own ops have no bfloat16',
      received: precision,
    });
  }
}
