/**
 * What a layer's calls are told besides their inputs.
 *
 * tfjs keeps it with a call of a model, and forgets it when the model runs.
 */
import type { SymbolicTensor, Tensor } from "@tensorflow/tfjs-node-gpu";
import type { CallNode, Layer } from "./layer";
import * as tf from "./tfjs";

/** What a call is told by name. */
export type CallArguments = Record<string, unknown>;

/** A call as tfjs gets it. */
export interface ArrangedCall {
  inputs: (Tensor | SymbolicTensor)[];
  kwargs: CallArguments;
}

/** A layer whose calls have arguments of their own. */
export interface TakesArguments {
  /** Those that hold for a call whenever its model runs. */
  readonly callArguments: readonly string[];
  /** Checks a call, and makes inputs of those of its arguments that are tensors. */
  arrangeCall(call: ArrangedCall): ArrangedCall;
}

/** Whether a layer's calls have arguments of their own. */
export function takesArguments(layer: Layer): layer is Layer & TakesArguments {
  return "arrangeCall" in layer;
}

/** Lets such layers arrange their calls. */
export function arrangeCalls(): void {
  const { prototype } = tf.layers.Layer;
  const { apply } = prototype;
  Object.assign(prototype, {
    apply(this: Layer, ...given: [ArrangedCall["inputs"][number], CallArguments?]) {
      if (!takesArguments(this)) return apply.apply(this, given as Parameters<typeof apply>);
      const { inputs, kwargs } = this.arrangeCall({
        inputs: [given[0]].flat(),
        kwargs: given[1] ?? {},
      });
      const one = inputs.length === 1 ? inputs[0] : inputs;
      return apply.apply(this, [one, kwargs] as Parameters<typeof apply>);
    },
  });
}

/** What a call in a model was told when it was made. */
export function argumentsOf({ outboundLayer: layer, callArgs }: CallNode): CallArguments {
  if (!takesArguments(layer)) return {};
  return Object.fromEntries(
    layer.callArguments
      .map((name) => [name, callArgs?.[name]])
      .filter(([, argument]) => argument !== undefined),
  );
}

/** What belongs to the inputs of a call, that of its first argument first: a query may be among the others. */
export function inArgumentOrder<Item>(node: CallNode, items: Item[]): Item[] {
  const names = argumentsOf(node).inputNames as string[] | undefined;
  const query = names?.indexOf("query") ?? 0;
  return query <= 0 ? items : [items[query]!, ...items.toSpliced(query, 1)];
}
