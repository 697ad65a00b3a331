/** What stands in for recurrent layers that tfjs' own makers have made, where they drop shares. */
import { asWeights, type Config, type Layer, partsOf } from "../tfjs";
import type { RNN } from "./recurrent";
import { RecurrentCell } from "./recurrentCell";
import { ConvLSTM2D, GRU, LSTM, SimpleRNN } from "./recurrentLayers";

const makers: Record<string, (config: Config) => RNN> = {
  ConvLSTM2D: (config) => new ConvLSTM2D(config),
  GRU: (config) => new GRU(config),
  LSTM: (config) => new LSTM(config),
  SimpleRNN: (config) => new SimpleRNN(config),
};

/**
 * A layer of this library that computes what one of tfjs' own does, and draws in TensorFlow what is dropped. Its weights
 * are the other's.
 *
 * @returns Undefined for a layer that drops nothing, keeps states, or is no such layer of tfjs'.
 */
export function recurrentStandIn(layer: Layer): RNN | undefined {
  const make = makers[layer.getClassName()];
  const { cell } = partsOf(layer);
  if (make === undefined || cell === undefined || cell instanceof RecurrentCell) return undefined;
  const { dropout, recurrentDropout } = cell.getConfig();
  if (layer.stateful || !(Number(dropout) > 0 || Number(recurrentDropout) > 0)) return undefined;
  const standIn = make({ ...layer.getConfig(), name: `${layer.name}_drawn` });
  (standIn.cell as RecurrentCell).take(asWeights(cell.weights));
  return standIn;
}
