/**
 * The random layers of tfjs, drawing their numbers in TensorFlow.
 *
 * tfjs' own draw in JavaScript, which keeps a step out of a graph and ignores `setSeed`. While a step runs, each is
 * stood in for by this library's layer of the same name and settings.
 */
import {
  AlphaDropout,
  Dropout,
  GaussianDropout,
  GaussianNoise,
  RandomLayer,
  recurrentStandIn,
  SpatialDropout1D,
} from "../layers";
import { type Layer, tf } from "../tfjs";

type LayerCall = Layer["call"];

const makers: Record<string, (config: never) => RandomLayer> = {
  Dropout: (config) => new Dropout(config),
  SpatialDropout1D: (config) => new SpatialDropout1D(config),
  GaussianNoise: (config) => new GaussianNoise(config),
  GaussianDropout: (config) => new GaussianDropout(config),
  AlphaDropout: (config) => new AlphaDropout(config),
};

/** Kept with the layer, so that a seed of its own makes one sequence over all runs. */
const standIns = new WeakMap<Layer, Layer>();

/** The call of the layer's stand-in, or undefined when the layer needs none. */
export function nativeCall(layer: Layer): LayerCall | undefined {
  const make = makers[layer.getClassName()];
  if (make === undefined || layer instanceof RandomLayer) return undefined;
  return callOf(layer, () => make(layer.getConfig() as never));
}

/**
 * The same for recurrent layers, at inference too: tfjs' own keep what they drop in a field, also where that is nothing.
 */
export function nativeRecurrentCall(layer: Layer): LayerCall | undefined {
  return callOf(layer, () => recurrentStandIn(layer));
}

function callOf(layer: Layer, make: () => Layer | undefined): LayerCall | undefined {
  const standIn = standIns.get(layer) ?? make();
  if (standIn === undefined) return undefined;
  standIns.set(layer, standIn);
  return (inputs, kwargs) => standIn.call(inputs, kwargs);
}

/** Runs code in which tfjs' random layers draw in TensorFlow, whoever calls them. */
export function drawingInTensorFlow<T>(run: () => T): T {
  const undo = tfjsRandomLayers().map((prototype) => {
    const { call } = prototype;
    prototype.call = function (inputs, kwargs) {
      return (nativeCall(this) ?? call).call(this, inputs, kwargs);
    };
    return () => {
      prototype.call = call;
    };
  });
  try {
    return run();
  } finally {
    for (const putBack of undo) putBack();
  }
}

let prototypes: Layer[] | undefined;

/** What the layers of each class share; tfjs exports makers only. */
function tfjsRandomLayers(): Layer[] {
  const { layers } = tf;
  const [name, rate] = ["none", 0];
  prototypes ??= [
    layers.dropout({ name, rate }),
    layers.spatialDropout1d({ name, rate }),
    layers.gaussianNoise({ name, stddev: 0 }),
    layers.gaussianDropout({ name, rate }),
    layers.alphaDropout({ name, rate }),
  ].map((layer) => Object.getPrototypeOf(layer) as Layer);
  return prototypes;
}
