/** Masks that calls of layers are given by themselves. */
import type { SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import type { CallNode } from "./layer";

/** A mask that a call was given by itself, as the call's argument `mask`. */
export interface ExplicitMask {
  /** True for what counts; or what the mask is made from. */
  of: SymbolicTensor;
  /** The mask is where values differ from this. */
  notEqualTo?: number;
  /** Whether a time step counts when any of its values does. */
  any?: boolean;
}

/** The mask that a call was given by itself. */
export function explicitMaskOf(node: CallNode): ExplicitMask | undefined {
  const mask: unknown = node.callArgs?.mask;
  return typeof mask === "object" && mask !== null && "of" in mask
    ? (mask as ExplicitMask)
    : undefined;
}

/** What a call needs: its inputs, and what its own mask is of. */
export function needsOf(node: CallNode): SymbolicTensor[] {
  const explicit = explicitMaskOf(node);
  return explicit === undefined ? node.inputTensors : [...node.inputTensors, explicit.of];
}
