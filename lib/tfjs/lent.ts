/** Tensors on memory that stays somebody else's: nobody else writes to it, and its owner hears when it is free. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { nativeModule } from "../native";
import type { NodeBackend } from "./binding";
import { nodeBackend } from "./kernels";
import { checkReadable } from "./sizes";
import { tf } from "./tensorflow";

type Values = ReturnType<Tensor["dataSync"]>;

interface Loan {
  values: Values;
  giveBack: (() => void) | undefined;
  /** How many are reading; the memory goes back when nobody is. */
  readers: number;
  /** No tensor needs the memory any more. */
  isOver: boolean;
}

const loans = new WeakMap<object, Loan>();
const watched = new WeakSet<NodeBackend>();

/**
 * Makes a tensor of values without a copy.
 *
 * Who reads its numbers (`dataSync`, `data`, `array`) gets a copy, and so does TensorFlow at the first op on it, whose
 * result may share what it is given. The memory can be lent again: to several tensors at once, or to the next one when
 * this one and all that share its data are disposed, or are TensorFlow's.
 *
 * @param values Left unchanged by their owner while they are lent.
 * @param options.shape The tensor's shape.
 * @param options.dtype The tensor's dtype; `values` are as `dataSync` gives them for it. `"float32"` by default.
 * @param options.giveBack Called when the memory is no longer needed; never, if the tensor is neither disposed nor used
 *   by an op. Without it the memory is never used for anything else, and TensorFlow may have it, too.
 * @returns The tensor; the caller disposes it.
 */
export function lendTensor(
  values: Values,
  options: { shape: number[]; dtype?: Tensor["dtype"]; giveBack?: () => void },
): Tensor {
  watch(nodeBackend());
  const tensor = tf.tensor(values, options.shape, options.dtype ?? "float32");
  loans.set(tensor.dataId, { values, giveBack: options.giveBack, readers: 0, isOver: false });
  return tensor;
}

/** Numbers of a tensor, for reading only. */
export interface Borrowed {
  values: Values;
  /** Says that they are no longer read. */
  end(): void;
}

/**
 * A tensor's numbers without a copy where they are in JavaScript; they stay until `end`, whoever disposes the tensor.
 */
export function borrowValues(tensor: Tensor): Borrowed {
  const here = valuesHere(tensor);
  if (here !== null) {
    const loan = loans.get(tensor.dataId);
    if (loan === undefined) return { values: here, end: () => {} };
    loan.readers++;
    const end = () => {
      loan.readers--;
      giveBackIfUnused(loan);
    };
    return { values: here, end };
  }
  checkReadable(tensor);
  const values = tensor.dataSync();
  // At once, since the collector doesn't know how much it would free.
  return { values, end: () => nativeModule().release(values.buffer as ArrayBuffer) };
}

/** What JavaScript holds of a tensor; null once TensorFlow has it. */
function valuesHere({ dataId }: Tensor): Values | null {
  return nodeBackend().tensorMap.get(dataId).values as Values | null;
}

/** Teaches the kind of backend about loans, once; the backend itself a trace changes and changes back. */
function watch(backend: NodeBackend): void {
  const kind = Object.getPrototypeOf(backend) as NodeBackend;
  if (watched.has(kind)) return;
  watched.add(kind);
  const { readSync, disposeData, getInputTensorIds } = kind;
  kind.readSync = function (this: NodeBackend, dataId) {
    const values = readSync.call(this, dataId);
    return loans.get(dataId)?.values === values ? (values as Values).slice() : values;
  };
  kind.getInputTensorIds = function (this: NodeBackend, tensors) {
    for (const { dataId } of tensors) {
      const loan = loans.get(dataId);
      if (loan?.giveBack === undefined) continue;
      this.tensorMap.get(dataId).values = loan.values.slice();
      endLoan(dataId);
    }
    return getInputTensorIds.call(this, tensors);
  };
  kind.disposeData = function (this: NodeBackend, dataId, force) {
    const disposed = disposeData.call(this, dataId, force);
    if (disposed) endLoan(dataId);
    return disposed;
  };
}

function endLoan(dataId: object): void {
  const loan = loans.get(dataId);
  if (loan === undefined) return;
  loans.delete(dataId);
  loan.isOver = true;
  giveBackIfUnused(loan);
}

function giveBackIfUnused(loan: Loan): void {
  if (loan.isOver && loan.readers === 0) loan.giveBack?.();
}
