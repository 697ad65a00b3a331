/** The order in which tfjs notes ops for gradients, mended for gradients of gradients. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { ConvnetsError } from "../errors";
import { insides } from "./insides";
import * as tf from "./tfjs";

/**
 * Notes what an op keeps of its own results behind the op.
 *
 * tfjs 4.22 notes those copies before the op that they come from, and goes through its notes backwards: what reaches a
 * copy, as the derivative of a derivative does, arrives when the op is done with, and is lost without a word. So
 * second derivatives of `tanh`, `sigmoid`, `exp`, `softmax` and whatever else keeps its result were wrong.
 *
 * @see https://github.com/tensorflow/tfjs/issues/3252
 */
export function noteInOrder(): void {
  const engine = insides("Engine", tf.engine());
  const { addTapeNode } = engine;
  engine.addTapeNode = function (name, inputs, outputs, gradient, saved, attrs) {
    addTapeNode.call(this, name, inputs, outputs, gradient, saved, attrs);
    if (saved.length === 0) return;
    const tape = tf.engine().state.activeTape;
    const ids = new Set(outputs.map(({ id }) => id));
    // They come just before the op, which goes in front of the first of them.
    const copies = tape.slice(-1 - saved.length, -1);
    const first = copies.findIndex((node) =>
      Object.values(node.inputs).some(({ id }) => ids.has(id)),
    );
    if (first >= 0) tape.splice(first - copies.length, 0, tape.pop()!);
  };
}

/** Whether ops are noted for a gradient: in what computes a gradient, for one of that. */
export function isNoting(): boolean {
  return insides("Engine", tf.engine()).isTapeOn();
}

/**
 * Notes an op that tfjs doesn't know: a gradient that leads through it is refused, instead of being lost.
 *
 * @param name The op's name in TensorFlow.
 */
export function noteWithoutGradient(name: string, inputs: Tensor[], outputs: Tensor[]): void {
  const isSmooth = ({ dtype }: Tensor) => dtype === "float32";
  if (!isNoting() || !inputs.some(isSmooth) || !outputs.some(isSmooth)) return;
  const named: Record<string, Tensor> = Object.fromEntries(inputs.map((input, i) => [i, input]));
  const refuse = () => {
    throw new ConvnetsError(`There is no gradient of TensorFlow's ${name}.`, {
      hint: "Second derivatives are there of convolutions, poolings, dense layers, activations and what tfjs composes of them.",
    });
  };
  const engine = insides("Engine", tf.engine());
  engine.addTapeNode(`TensorFlow's ${name}`, named, outputs, refuse, [], {});
}
