/** Weights as they were at one moment, for who reads them in several goes while a `fit` may train them. */
import type { LayersModel, Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { allWeights } from "./model";
import { tf } from "./tensorflow";
import { trained } from "./trained";

const live = new Set<KeptWeights>();

/**
 * Keeps a model's weights for one call, from when it is made or, if none is trained then, from when a `fit` begins.
 *
 * Only those that are being trained are kept; a callback of the call may change others. Dispose it.
 */
export class KeptWeights {
  private readonly values = new Map<Variable, Tensor>();

  constructor(private readonly model: LayersModel) {
    live.add(this);
    this.keep();
  }

  /** Does work that finds the kept weights in the model: all that it reads before its first `await`. */
  read<T>(work: () => T): T {
    const changed = [...this.values].filter(([{ dataId }, kept]) => dataId !== kept.dataId);
    const newer = changed.map(([variable]) => shared(variable));
    for (const [variable, kept] of changed) variable.assign(kept);
    try {
      return work();
    } finally {
      for (const [i, [variable]] of changed.entries()) variable.assign(newer[i]!);
      tf.dispose(newer);
    }
  }

  /** Keeps what a `fit` is about to change. */
  keep(): void {
    if (trained.size === 0) return;
    for (const weight of allWeights(this.model)) {
      const variable = weight.read();
      if (trained.has(weight) && !this.values.has(variable)) {
        this.values.set(variable, shared(variable));
      }
    }
  }

  dispose(): void {
    live.delete(this);
    tf.dispose([...this.values.values()]);
    this.values.clear();
  }
}

/** Lets all that read weights keep those that a `fit` has just taken for itself. */
export function keepForReaders(): void {
  for (const each of live) each.keep();
}

/** A tensor that shares the variable's data and keeps them from being freed. */
function shared(variable: Variable): Tensor {
  return tf.keep(tf.clone<Tensor>(variable));
}
