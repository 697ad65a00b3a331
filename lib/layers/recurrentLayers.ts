/** Recurrent layers that make their cell themselves. */
import type { Config } from "../tfjs";
import {
  GRUCell,
  type GRUCellOptions,
  LSTMCell,
  type LSTMCellOptions,
  SimpleRNNCell,
} from "./cells";
import { ConvLSTMCell } from "./convLstmCell";
import type { Rank } from "./perAxis";
import { RNN } from "./recurrent";
import type { RecurrentCell } from "./recurrentCell";
import type { GatedOptions, SequenceOptions, SimpleRNNCellOptions } from "./recurrentOptions";
import { type DataFormat, dataFormatOf } from "./spatialLayer";

/** Options of `layers.simpleRNN`. */
export interface SimpleRNNOptions extends SequenceOptions, SimpleRNNCellOptions {}

/** Options of `layers.lstm`. */
export interface LSTMOptions extends SequenceOptions, LSTMCellOptions {}

/** Options of `layers.gru`. */
export interface GRUOptions extends SequenceOptions, GRUCellOptions {}

/** Options of `layers.convLstm1d`, `layers.convLstm2d` and `layers.convLstm3d`. */
export interface ConvLSTMOptions extends SequenceOptions, GatedOptions {
  /** How many filters there are. */
  filters: number;
  /** Size of the window: one number, or one for each axis. */
  kernelSize: number | number[];
  /** How far the window moves: one number, or one for each axis. @default 1 */
  strides?: number | number[];
  /** Where the window ends: `"same"` adds zeros around, so that the size is the input's by the strides. @default "valid" */
  padding?: "valid" | "same";
  /** Where the channels are: last, or right after the time. @default "channelsLast" */
  dataFormat?: DataFormat | null;
  /** Gaps between what the window sees: one number, or one for each axis. @default 1 */
  dilationRate?: number | number[];
  /** Whether the bias of the gate that forgets begins with 1. @default true */
  unitForgetBias?: boolean;
}

/** What of a layer's options is not its cell's. */
const layersOwn = [
  ...["name", "inputShape", "batchInputShape", "batchSize", "trainable", "dtype"],
  ...["returnSequences", "returnState", "goBackwards", "stateful", "unroll"],
  ...["zeroOutputForMask", "activityRegularizer", "inputDType", "weights"],
];

/** A recurrent layer with one kind of cell, whose options are its own. */
abstract class CellLayer extends RNN {
  constructor(config: Config, makeCell: (config: Config) => RecurrentCell) {
    const isOwn = ([key]: [string, unknown]) => layersOwn.includes(key);
    const entries = Object.entries(config);
    const cell = makeCell({
      ...Object.fromEntries(entries.filter((entry) => !isOwn(entry))),
      name: "cell",
    });
    super({ ...Object.fromEntries(entries.filter(isOwn)), cell });
    cell.name = this.name; // its weights are called after the layer
  }

  protected override ownConfig() {
    const {
      name: _,
      trainable: __,
      dtype: ___,
      batchInputShape: ____,
      ...own
    } = this.cell.getConfig();
    return own;
  }
}

/** A simple recurrent layer. */
export class SimpleRNN extends CellLayer {
  /** Keras' name of the class. */
  static override className = "SimpleRNN";

  constructor(config: Config) {
    super(config, (own) => new SimpleRNNCell(own));
  }
}

/** Long short-term memory. */
export class LSTM extends CellLayer {
  /** Keras' name of the class. */
  static override className = "LSTM";

  constructor(config: Config) {
    super(config, (own) => new LSTMCell(own));
  }
}

/** Gated recurrent units. */
export class GRU extends CellLayer {
  /** Keras' name of the class. */
  static override className = "GRU";

  constructor(config: Config) {
    super(config, (own) => new GRUCell(own));
  }
}

/** A class that tfjs can register. */
type ConvLSTMClass = (new (config: Config) => RNN) & { className: string };

function convLstmClass(rank: Rank): ConvLSTMClass {
  return class extends CellLayer {
    /** Keras' name of the class. */
    static override className = `ConvLSTM${rank}D`;
    private readonly dataFormat: DataFormat;
    private readonly sizes: Config;

    constructor(config: Config) {
      const { kernelSize, strides = 1, dilationRate = 1, padding = "valid" } = config;
      super(config, (own) => new ConvLSTMCell(own, rank));
      this.dataFormat = dataFormatOf(config.dataFormat as string | null | undefined);
      const list = (size: unknown) => (Array.isArray(size) ? size : Array(rank).fill(size));
      this.sizes = {
        kernelSize: list(kernelSize),
        strides: list(strides ?? 1),
        dilationRate: list(dilationRate ?? 1),
        padding: padding ?? "valid",
      };
    }

    /** Channels that come first are the last for the cell. */
    protected override inward(leading: number): number[] | undefined {
      if (this.dataFormat === "channelsLast") return undefined;
      const sides = Array.from({ length: rank }, (_, i) => leading + 1 + i);
      return [...Array(leading).keys(), ...sides, leading];
    }

    protected override outward(leading: number): number[] | undefined {
      if (this.dataFormat === "channelsLast") return undefined;
      const sides = Array.from({ length: rank }, (_, i) => leading + i);
      return [...Array(leading).keys(), leading + rank, ...sides];
    }

    protected override ownConfig() {
      const { units: filters, ...own } = super.ownConfig();
      return { ...own, ...this.sizes, filters: filters!, dataFormat: this.dataFormat };
    }
  };
}

/** Sequences of signals. */
export const ConvLSTM1D = convLstmClass(1);
/** Sequences of pictures. */
export const ConvLSTM2D = convLstmClass(2);
/** Sequences of volumes. */
export const ConvLSTM3D = convLstmClass(3);
