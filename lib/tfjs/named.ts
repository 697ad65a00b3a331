/** tfjs' makers of models and inputs, whose names are counted as Keras counts them. */
import "../native";
import * as tf from "@tensorflow/tfjs-node-gpu";
import { nextName } from "./layerNames";

/** Whether `sequential` is adding the layers that it was given. */
let isConstructing = false;

/** `tf.input`; without a name it is the next `input_layer`. */
export const input: typeof tf.input = (config) =>
  tf.input({ ...config, name: config.name ?? nextName("InputLayer") });

/** `tf.model`; without a name it is the next `functional`. */
export const model: typeof tf.model = (args) =>
  tf.model({ ...args, name: args.name ?? nextName("Functional") });

/** `tf.sequential`; without a name it is the next `sequential`. */
export const sequential: typeof tf.sequential = (config) => {
  const name = config?.name ?? nextName("Sequential");
  const outer = isConstructing;
  isConstructing = true;
  try {
    const made = tf.sequential({ ...config, name });
    countInner(made);
    return made;
  } finally {
    isConstructing = outer;
  }
};

/** Names the inputs that tfjs makes for the first layer of a Sequential, and counts what Keras makes in it. */
export function nameSequentials(): void {
  const { prototype } = tf.Sequential;
  const { add } = prototype;
  prototype.add = function (layer) {
    const { batchInputShape: batchShape, dtype } = layer;
    const needsInput = this.layers.length === 0 && layer.inboundNodes.length === 0;
    if (needsInput && batchShape != null) layer.apply(input({ batchShape, dtype }));
    add.call(this, layer);
    if (!isConstructing) countInner(this);
  };
  const { inputLayer, simpleRNN, lstm, gru, convLstm2d } = tf.layers;
  Object.assign(tf.layers, {
    input,
    inputLayer: (args: Parameters<typeof inputLayer>[0]) =>
      inputLayer({ ...args, name: args.name ?? nextName("InputLayer") }),
    simpleRNN: withCellUncounted(simpleRNN, "SimpleRNN"),
    lstm: withCellUncounted(lstm, "LSTM"),
    gru: withCellUncounted(gru, "GRU"),
    convLstm2d: withCellUncounted(convLstm2d, "ConvLSTM2D"),
  });
}

/** tfjs gives a layer's name to the cell that it makes; without one the cell would be counted, which Keras doesn't. */
function withCellUncounted<Args extends { name?: string }, Made>(
  make: (args: Args) => Made,
  className: string,
): (args: Args) => Made {
  return (args) => make({ ...args, name: args.name ?? nextName(className) });
}

/** Keras has a functional model in a Sequential that is built, anew with each layer that is added, and counts it. */
function countInner({ layers }: tf.Sequential): void {
  const [first, ...others] = layers;
  const isModelOrInput = first instanceof tf.LayersModel || first?.getClassName() === "InputLayer";
  if (first === undefined || (isModelOrInput && others.length === 0)) return;
  // A model at the beginning gets an input before it when the next layer is added.
  if (first instanceof tf.LayersModel && (isConstructing || others.length === 1)) {
    nextName("InputLayer");
  }
  nextName("Functional");
}
