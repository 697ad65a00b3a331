/** Tensors on memory that stays somebody else's: nobody else writes to it, and its owner hears when it is free. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { type NodeBackend, nodeBackend } from "./kernels";
import { tf } from "./tensorflow";

type Values = ReturnType<Tensor["dataSync"]>;

interface Loan {
  values: Values;
  giveBack: (() => void) | undefined;
}

const loans = new WeakMap<object, Loan>();
const watched = new WeakSet<NodeBackend>();

/**
 * Makes a tensor of values without a copy.
 *
 * Who reads its numbers (`dataSync`, `data`, `array`) gets a copy, so the memory can be lent again: to several
 * tensors at once, or to the next one when this one and all that share its data are disposed.
 *
 * @param values Left unchanged by their owner while they are lent.
 * @param options.shape The tensor's shape.
 * @param options.dtype The tensor's dtype; `values` are as `dataSync` gives them for it. `"float32"` by default.
 * @param options.giveBack Called when the memory is no longer needed; never, if the tensor is not disposed.
 * @returns The tensor; the caller disposes it.
 */
export function lendTensor(
  values: Values,
  options: { shape: number[]; dtype?: Tensor["dtype"]; giveBack?: () => void },
): Tensor {
  watch(nodeBackend());
  const tensor = tf.tensor(values, options.shape, options.dtype ?? "float32");
  loans.set(tensor.dataId, { values, giveBack: options.giveBack });
  return tensor;
}

/**
 * A tensor's numbers, for reading only and as long as the tensor lives: without a copy where they are in JavaScript.
 */
export function borrowValues(tensor: Tensor): Values {
  const loan = loans.get(tensor.dataId);
  const isThere = loan !== undefined && loan.values === valuesHere(tensor);
  return isThere ? loan.values : tensor.dataSync();
}

/** What JavaScript holds of a tensor; null once TensorFlow has it. */
function valuesHere({ dataId }: Tensor): unknown {
  return nodeBackend().tensorMap.get(dataId)?.values;
}

/** Teaches the kind of backend about loans, once; the backend itself a trace changes and changes back. */
function watch(backend: NodeBackend): void {
  const kind = Object.getPrototypeOf(backend) as NodeBackend;
  if (watched.has(kind)) return;
  watched.add(kind);
  const { readSync, disposeData } = kind;
  kind.readSync = function (this: NodeBackend, dataId) {
    const values = readSync.call(this, dataId);
    return loans.get(dataId)?.values === values ? (values as Values).slice() : values;
  };
  kind.disposeData = function (this: NodeBackend, dataId, force) {
    const disposed = disposeData.call(this, dataId, force);
    const loan = loans.get(dataId);
    if (disposed && loan !== undefined) {
      loans.delete(dataId);
      loan.giveBack?.();
    }
    return disposed;
  };
}
