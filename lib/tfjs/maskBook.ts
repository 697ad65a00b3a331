/**
 * The masks of a model's tensors while it runs.
 *
 * Keras 3.15.1 has two for each: that of when the model was made, which a layer with one input is called with, and
 * that of the moment, which a layer with several looks at. A `MultiHeadAttention` deletes the latter of its inputs, so
 * that what comes later, such as the sum of a query and its attention, has none.
 */
import type { SymbolicTensor, Tensor } from "@tensorflow/tfjs-node-gpu";
import { inArgumentOrder } from "./callArguments";
import { type CallNode, isModel } from "./layer";
import { type Masks, maskAfter, takesMask, takesMasksAway } from "./masks";

export class MaskBook {
  private readonly made = new Map<SymbolicTensor, Tensor | undefined>();
  /** Where the one of the moment is another. */
  private readonly changed = new Map<SymbolicTensor, Tensor | undefined>();

  /** Gives an input of the model its mask. */
  begin(input: SymbolicTensor, mask: Tensor): void {
    this.made.set(input, mask);
  }

  /** The mask of the moment. */
  now(tensor: SymbolicTensor): Tensor | undefined {
    return this.changed.has(tensor) ? this.changed.get(tensor) : this.made.get(tensor);
  }

  /** The masks that a call is made with; `first` is one that it was given by itself. */
  before({ inputTensors }: CallNode, first: Tensor | undefined): Masks {
    const isOne = inputTensors.length === 1;
    const own = inputTensors.map((tensor) => (isOne ? this.made.get(tensor) : this.now(tensor)));
    return first === undefined ? own : own.with(0, first);
  }

  /** Enters the masks after a call; `nested` are those that a model gives. */
  enter(
    node: CallNode,
    call: { first: Tensor | undefined; tensors: Tensor[]; nested: Masks | undefined },
  ): void {
    const { inputTensors, outputTensors, outboundLayer: layer } = node;
    const { first, tensors, nested } = call;
    if (nested !== undefined) {
      outputTensors.forEach((tensor, i) => {
        this.made.set(tensor, nested[i]);
      });
      return;
    }
    const [output] = outputTensors as [SymbolicTensor];
    const given = (masks: Masks) => (first === undefined ? masks : masks.with(0, first));
    const after = (masks: Masks) => maskAfter(node, inArgumentOrder(node, given(masks)), tensors);
    this.made.set(output, after(inputTensors.map((tensor) => this.made.get(tensor))));
    const isTold = inputTensors.length === 1 && (takesMask(layer) || isModel(layer));
    if (!isTold && inputTensors.some((tensor) => this.changed.has(tensor))) {
      this.changed.set(output, after(inputTensors.map((tensor) => this.now(tensor))));
    }
    if (!takesMasksAway(layer)) return;
    for (const tensor of inputTensors) {
      if (this.now(tensor) !== undefined) this.changed.set(tensor, undefined);
    }
  }
}
