/** Elements of a dataset in JavaScript's memory: tensors are brought there once, at the door. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { type BatchPart, type HostElement, isHostDataset } from "../../data";
import { ConvnetsError } from "../../errors";
import { borrowTensor, dtypeName, type HostTensor } from "../../graph";
import { type DatasetPass, startPass, tf } from "../../tfjs";
import type { BatchDataset } from "./types";

/** What is known of a tensor without its numbers. */
export interface Outline {
  readonly shape: number[];
  readonly rank: number;
  readonly dtype: Tensor["dtype"];
}

/** A host tensor that is checked, and described in messages, as a tensor is. */
class HostOutline implements Outline {
  readonly shape: number[];
  readonly rank: number;
  readonly dtype: Tensor["dtype"];

  constructor(host: HostTensor) {
    this.shape = [...host.shape];
    this.rank = host.shape.length;
    this.dtype = dtypeName(host.dtype);
    hosts.set(this, host);
  }
}

/** Not fields, which would stand in messages. */
const hosts = new WeakMap<HostOutline, HostTensor>();

/** Whether a value is one tensor, or the outline of one. */
export function isOne<T extends Outline>(value: unknown): value is T {
  return value instanceof tf.Tensor || value instanceof HostOutline;
}

/** One element; release it when its numbers are read no more. */
export interface Element {
  /** What the dataset gave: tensors or outlines, in arrays and objects. */
  value: unknown;
  /** Of one of which only a part was wanted, and given. */
  whole?: HostElement["whole"];
  /** One of them with its numbers, which stay until the release. */
  read(given: Outline): HostTensor;
  release(): void;
}

/** A pass over a dataset, element by element. */
export interface ElementPass {
  next(): Promise<Element | undefined>;
  /** Needed when the pass is left before its end. */
  close(): Promise<void>;
}

/**
 * Starts a pass; a dataset that has its elements in JavaScript's memory is asked for no tensors.
 *
 * @param part Which rows are wanted, of a dataset that can give a part; `Element.whole` says that it has.
 */
export async function openElements(dataset: BatchDataset, part?: BatchPart): Promise<ElementPass> {
  return isHostDataset(dataset)
    ? passOf(dataset.hostElements(part), fromHost)
    : passOf(await startPass<unknown>(dataset), fromTensors);
}

function passOf<T>(iterator: DatasetPass<T>, toElement: (value: T) => Element): ElementPass {
  let ended = false;
  return {
    async next() {
      const { value, done } = await iterator.next();
      if (!done) return toElement(value);
      ended = true;
      return undefined;
    },
    async close() {
      if (!ended) await iterator.return?.();
    },
  };
}

function fromHost({ xs, ys, whole, release }: HostElement): Element {
  const value =
    ys === undefined ? new HostOutline(xs) : { xs: new HostOutline(xs), ys: new HostOutline(ys) };
  return {
    value,
    whole,
    read: (given) => hosts.get(given as HostOutline)!,
    release,
  };
}

function fromTensors(value: unknown): Element {
  const ends: (() => void)[] = [];
  return {
    value,
    read(given) {
      if ((given as Tensor).isDisposed) throw disposed(given);
      const { host, end } = borrowTensor(given as Tensor);
      ends.push(end);
      return host;
    },
    release() {
      tf.dispose(value as Tensor);
      for (const end of ends) end();
    },
  };
}

function disposed({ dtype, shape }: Outline): ConvnetsError {
  return new ConvnetsError(
    `The dataset gave a tensor that is disposed: ${dtype} [${shape.join(", ")}].`,
    {
      hint: "What a dataset yields is disposed after its step, as tfjs does it: yield `tensor.clone()` of what you keep.",
    },
  );
}
