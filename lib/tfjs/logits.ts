/**
 * What went into a softmax or sigmoid, for a loss to take instead of what came out.
 *
 * Keras' TensorFlow backend leaves it on the tensor itself (`_keras_logits`): it is there for whatever loss or metric
 * is given that very tensor, be it a layer's activation, a layer of its own or a function that made it, and gone after
 * any op. A layer that hands its input on hands this on, too.
 */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { insides } from "./insides";
import { type Layer, partsOf } from "./layer";
import { replaceCall } from "./layerChanges";
import { tf } from "./tensorflow";

type Engine = ReturnType<typeof tf.engine>;

/** The logits of each result that is still there, while they are kept. */
let kept: Map<Tensor, Tensor> | undefined;

/** The logits behind the result of a softmax or sigmoid; undefined of any other tensor, and outside `keepingLogits`. */
export function logitsBehind(output: Tensor): Tensor | undefined {
  return kept?.get(output);
}

/** Runs a step whose losses may ask for logits; they go when it is done. */
export function keepingLogits<T>(step: () => T): T {
  const engine: Engine = tf.engine();
  const { runKernel } = engine;
  const logits = new Map<Tensor, Tensor>();
  kept = logits;
  engine.runKernel = <R extends Tensor | Tensor[]>(...call: Parameters<Engine["runKernel"]>): R => {
    const result = runKernel.apply(engine, call) as R;
    const input = inputBehind(logits, call);
    if (input !== undefined) {
      dropUnreachable(logits);
      // A tensor of its own: layers and models dispose what they have used.
      logits.set(result as Tensor, tf.keep(input.clone()));
    }
    return result;
  };
  try {
    return step();
  } finally {
    Reflect.deleteProperty(engine, "runKernel"); // the class's own method comes back
    kept = undefined;
    tf.dispose([...logits.values()]);
  }
}

/**
 * Whether Keras runs a layer's time steps in a loop of the graph. What comes out of that has no logits, even where the
 * last step's activation was a sigmoid; of an unrolled one it has.
 */
export function isLoop(layer: Layer): boolean {
  const { cell, forwardLayer } = partsOf(layer);
  if (forwardLayer !== undefined) return isLoop(forwardLayer);
  return cell !== undefined && !insides("RNN", layer).unroll;
}

/** Lets a layer's results have no logits behind them, until the function it returns is called. */
export function endLogits(layer: Layer): () => void {
  const { call } = layer;
  return replaceCall(layer, (inputs, kwargs) => {
    const outputs = call.call(layer, inputs, kwargs);
    for (const output of Array.isArray(outputs) ? outputs : [outputs]) {
      kept?.get(output)?.dispose();
      kept?.delete(output);
    }
    return outputs;
  });
}

function inputBehind(
  logits: ReadonlyMap<Tensor, Tensor>,
  [kernel, inputs]: Parameters<Engine["runKernel"]>,
): Tensor | undefined {
  switch (kernel) {
    case "Softmax":
      return inputs.logits;
    case "Sigmoid":
      return inputs.x;
    case "Identity": // tfjs copies what a layer hands on
      return logits.get(inputs.x!);
    default:
      return undefined;
  }
}

/** Gates and the like make many that no loss can ask for any more. */
function dropUnreachable(logits: Map<Tensor, Tensor>): void {
  for (const [output, input] of logits) {
    if (!output.isDisposed) continue;
    input.dispose();
    logits.delete(output);
  }
}
