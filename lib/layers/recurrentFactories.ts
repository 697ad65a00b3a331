/** Recurrent layers and their cells, one function for each. */
import type { Layer } from "../tfjs";
import { Bidirectional, type BidirectionalOptions } from "./bidirectional";
import {
  GRUCell,
  type GRUCellOptions,
  LSTMCell,
  type LSTMCellOptions,
  SimpleRNNCell,
} from "./cells";
import { make, makeFrom } from "./make";
import { RNN } from "./recurrent";
import {
  ConvLSTM1D,
  ConvLSTM2D,
  ConvLSTM3D,
  type ConvLSTMOptions,
  GRU,
  type GRUOptions,
  LSTM,
  type LSTMOptions,
  SimpleRNN,
  type SimpleRNNOptions,
} from "./recurrentLayers";
import {
  gatedOptions,
  type RNNOptions,
  recurrentOptions,
  type SimpleRNNCellOptions,
  sequenceOptions,
} from "./recurrentOptions";
import { StackedRNNCells, type StackedRNNCellsOptions } from "./stackedCells";

const ofUnits = { units: true } as const;
const ofLstm = { ...gatedOptions, ...ofUnits, unitForgetBias: true } as const;
const ofGru = { ...gatedOptions, ...ofUnits, resetAfter: true } as const;

const convolutional = {
  ...gatedOptions,
  ...sequenceOptions,
  filters: true,
  kernelSize: true,
  strides: true,
  padding: true,
  dilationRate: true,
  dataFormat: true,
  unitForgetBias: true,
} as const;

/**
 * Long short-term memory over sequences `[batch, steps, features]`, as `keras.layers.LSTM`.
 *
 * Other than `tf.layers.lstm` it begins with Keras' values, is trained as a graph also with `dropout` or
 * `recurrentDropout`, and with `stateful`. A call may be told by name with which states it begins:
 * `layer.apply(x, { initialState: [h, c] })`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.lstm({ units: 8, dropout: 0.2, returnSequences: true });
 * const output = layer.apply(tf.ones([2, 10, 4])); // [2, 10, 8]
 * @see https://keras.io/api/layers/recurrent_layers/lstm/
 */
export function lstm(options: LSTMOptions): Layer {
  return makeFrom(LSTM, options, { ...sequenceOptions, ...ofLstm });
}

/**
 * Gated recurrent units over sequences `[batch, steps, features]`, as `keras.layers.GRU`.
 *
 * Other than `tf.layers.gru` it has Keras' formula, `resetAfter`, and see `layers.lstm`. A call may be told with which
 * state it begins: `layer.apply(x, { initialState: [h] })`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.gru({ units: 8, recurrentDropout: 0.2 });
 * const output = layer.apply(tf.ones([2, 10, 4])); // [2, 8]
 * @see https://keras.io/api/layers/recurrent_layers/gru/
 */
export function gru(options: GRUOptions): Layer {
  return makeFrom(GRU, options, { ...sequenceOptions, ...ofGru });
}

/**
 * A simple recurrent layer over sequences `[batch, steps, features]`, as `keras.layers.SimpleRNN`.
 *
 * A call may be told with which state it begins: `layer.apply(x, { initialState: [h] })`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const output = layers.simpleRNN({ units: 8 }).apply(tf.ones([2, 10, 4])); // [2, 8]
 * @see https://keras.io/api/layers/recurrent_layers/simple_rnn/
 */
export function simpleRNN(options: SimpleRNNOptions): Layer {
  return makeFrom(SimpleRNN, options, { ...sequenceOptions, ...recurrentOptions, ...ofUnits });
}

/**
 * Goes through sequences `[batch, steps, features]` with a cell, or with several upon each other, as
 * `keras.layers.RNN`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const cell = [layers.lstmCell({ units: 8 }), layers.gruCell({ units: 4 })];
 * const output = layers.rnn({ cell }).apply(tf.ones([2, 10, 3])); // [2, 4]
 * @see https://keras.io/api/layers/recurrent_layers/rnn/
 */
export function rnn(options: RNNOptions): Layer {
  return make(RNN, options, { ...sequenceOptions, cell: true });
}

/**
 * What `layers.lstm` does at each time step, for `layers.rnn`, as `keras.layers.LSTMCell`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers } from "convnets";
 * const layer = layers.rnn({ cell: layers.lstmCell({ units: 8 }), returnState: true });
 * @see https://keras.io/api/layers/recurrent_layers/lstm_cell/
 */
export function lstmCell(options: LSTMCellOptions): Layer {
  return makeFrom(LSTMCell, options, ofLstm);
}

/**
 * What `layers.gru` does at each time step, for `layers.rnn`, as `keras.layers.GRUCell`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers } from "convnets";
 * const layer = layers.rnn({ cell: layers.gruCell({ units: 8 }), goBackwards: true });
 * @see https://keras.io/api/layers/recurrent_layers/gru_cell/
 */
export function gruCell(options: GRUCellOptions): Layer {
  return makeFrom(GRUCell, options, ofGru);
}

/**
 * What `layers.simpleRNN` does at each time step, for `layers.rnn`, as `keras.layers.SimpleRNNCell`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers } from "convnets";
 * const layer = layers.rnn({ cell: layers.simpleRNNCell({ units: 8, activation: "relu" }) });
 * @see https://keras.io/api/layers/recurrent_layers/simple_rnn_cell/
 */
export function simpleRNNCell(options: SimpleRNNCellOptions): Layer {
  return makeFrom(SimpleRNNCell, options, { ...recurrentOptions, ...ofUnits });
}

/**
 * Cells upon each other as one, for `layers.rnn`, as `keras.layers.StackedRNNCells`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers } from "convnets";
 * const cells = [layers.gruCell({ units: 8 }), layers.gruCell({ units: 4 })];
 * const layer = layers.rnn({ cell: layers.stackedRNNCells({ cells }) });
 * @see https://keras.io/api/layers/recurrent_layers/stacked_rnn_cell/
 */
export function stackedRNNCells(options: StackedRNNCellsOptions): Layer {
  return make(StackedRNNCells, options, { cells: true });
}

/**
 * Goes through sequences from both ends, as `keras.layers.Bidirectional`.
 *
 * A call may be told with which states it begins, those of the forward layer first:
 * `layer.apply(x, { initialState: [h, c, h, c] })`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.bidirectional({ layer: layers.lstm({ units: 8 }) });
 * const output = layer.apply(tf.ones([2, 10, 4])); // [2, 16]
 * @see https://keras.io/api/layers/recurrent_layers/bidirectional/
 */
export function bidirectional(options: BidirectionalOptions): Layer {
  return make(Bidirectional, options, { layer: true, backwardLayer: true, mergeMode: true });
}

/**
 * Long short-term memory whose products are convolutions, over sequences of signals `[batch, steps, size, channels]`,
 * as `keras.layers.ConvLSTM1D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.convLstm1d({ filters: 4, kernelSize: 3, padding: "same" });
 * const output = layer.apply(tf.ones([2, 5, 16, 3])); // [2, 16, 4]
 * @see https://keras.io/api/layers/recurrent_layers/conv_lstm1d/
 */
export function convLstm1d(options: ConvLSTMOptions): Layer {
  return makeFrom(ConvLSTM1D, options, convolutional);
}

/**
 * Long short-term memory whose products are convolutions, over sequences of pictures
 * `[batch, steps, height, width, channels]`, as `keras.layers.ConvLSTM2D`: for the next picture of a film.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const options = { filters: 4, kernelSize: 3, padding: "same", returnSequences: true } as const;
 * const output = layers.convLstm2d(options).apply(tf.ones([2, 5, 16, 16, 1])); // [2, 5, 16, 16, 4]
 * @see https://keras.io/api/layers/recurrent_layers/conv_lstm2d/
 */
export function convLstm2d(options: ConvLSTMOptions): Layer {
  return makeFrom(ConvLSTM2D, options, convolutional);
}

/**
 * Long short-term memory whose products are convolutions, over sequences of volumes
 * `[batch, steps, depth, height, width, channels]`, as `keras.layers.ConvLSTM3D`.
 *
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 * @example
 * import { layers, tf } from "convnets";
 * const layer = layers.convLstm3d({ filters: 2, kernelSize: 3, strides: 2, padding: "same" });
 * const output = layer.apply(tf.ones([2, 3, 8, 8, 8, 1])); // [2, 4, 4, 4, 2]
 * @see https://keras.io/api/layers/recurrent_layers/conv_lstm3d/
 */
export function convLstm3d(options: ConvLSTMOptions): Layer {
  return makeFrom(ConvLSTM3D, options, convolutional);
}
