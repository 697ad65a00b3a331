/** Whether XLA compiles a model's training, and what is said of it. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { usesGpu } from "../engine";
import { describeValue } from "../errors";
import { functionalOf, jitCompileOf } from "../tfjs";
import type { LoopListener } from "./compiledSteps";
import type { RunnerOptions } from "./step";

/** A compilation that takes longer is told. */
const TOLD_MS = 500;

/** Whether XLA is asked: as `compile` said, or on a GPU. Several workers or devices take a step without it. */
export function usesXla(
  model: LayersModel,
  { engine, mode, group, devices }: RunnerOptions,
): boolean {
  const jit = jitCompileOf(functionalOf(model));
  const isAlone = group === undefined && devices === undefined;
  const isCompiled = engine !== "eager" && mode === "train";
  return isAlone && isCompiled && (jit === "auto" ? usesGpu() : jit);
}

/** Tells how long XLA took, and warns where it can't do what was asked for. */
export function jitListener(model: LayersModel, { say }: RunnerOptions): LoopListener {
  return {
    compiled(steps, ms) {
      if (ms < TOLD_MS) return; // it knew the program, or it is a word about nothing
      const what = steps === 1 ? "the step" : `${steps} steps a call`;
      say?.(`XLA compiled ${what} in ${(ms / 1000).toFixed(1)} s.`);
    },
    refused({ message }) {
      if (jitCompileOf(functionalOf(model)) !== true) return;
      console.warn(
        `XLA can't compile the training of the model ${describeValue(model.name)}, which goes on without it: ${reasonIn(message)}`,
      );
    },
  };
}

/** The part of TensorFlow's message that says which ops XLA lacks, or its first line. */
function reasonIn(message: string): string {
  const missing = /unsupported operations[^:]*: *(?:[^:]*: *)?(.*)/.exec(message)?.[1];
  return (missing ?? message).split("\n")[0]!;
}
