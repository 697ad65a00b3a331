/** Whether bfloat16 makes sense here. */
import { engine } from "../engine";
import { invalidArgument } from "../errors";
import type { RunnerOptions } from "./step";

let lacksBfloat16Announced = false;

/** Refuses bfloat16 without compilation; says once where it is no faster. */
export function checkBfloat16({
  engine: wanted,
  precision,
}: Pick<RunnerOptions, "engine" | "precision">): void {
  if (precision !== "bfloat16") return;
  if (wanted === "eager") {
    throw invalidArgument("precision", {
      expected: '"float32" when the engine is "eager": tfjs\' own ops have no bfloat16',
      received: precision,
    });
  }
  const { device, features, processor } = engine();
  const isNative = features.some((feature) => feature.endsWith("BF16"));
  if (device === "GPU" || isNative || lacksBfloat16Announced) return;
  lacksBfloat16Announced = true;
  console.warn(
    `bfloat16 is no faster here: the processor (${processor}) has neither AVX-512 BF16 nor AMX BF16.`,
  );
}
