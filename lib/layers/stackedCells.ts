/** Cells one upon another, which a recurrent layer calls as one. */
import type { LayerVariable, Tensor } from "@tensorflow/tfjs-node-gpu";
import { invalidArgument } from "../errors";
import { type Config, type Layer, makeLayer, type Shape, tf } from "../tfjs";
import type { CommonLayerOptions } from "./options";
import { type Cell, type Pass, type PassOptions, RecurrentCell } from "./recurrentCell";

/** Options of `layers.stackedRNNCells`. */
export interface StackedRNNCellsOptions extends CommonLayerOptions {
  /** Cells, the one that sees the input first. */
  cells: Layer[];
}

/** What describes a layer within another's configuration. */
export interface Described {
  className: string;
  config: Config;
}

/** Makes the layer that a configuration describes; what describes none is given back, for a check to refuse. */
export function described(inner: unknown): unknown {
  const { className, config } = (inner ?? {}) as Partial<Described>;
  if (inner instanceof tf.layers.Layer || className === undefined || !config) return inner;
  return makeLayer(className, config);
}

/** Describes a layer within another's configuration. */
export function describing(layer: Layer): Described {
  return { className: layer.getClassName(), config: layer.getConfig() };
}

/** Whether a recurrent layer can call it. */
function isCell(layer: unknown): layer is Cell {
  return layer instanceof RecurrentCell || layer instanceof StackedRNNCells;
}

/** Refuses what a recurrent layer can't call. */
export function checkCell(name: string, layer: unknown): Cell {
  if (isCell(layer)) return layer;
  const hint = "tf.layers' own cells are called in another way.";
  throw invalidArgument(name, {
    expected: "layers.simpleRNNCell, lstmCell, gruCell or stackedRNNCells",
    received: layer instanceof tf.layers.Layer ? layer.getClassName() : layer,
    hint,
  });
}

/** Calls each cell on what the one before gives. */
export class StackedRNNCells extends tf.layers.Layer implements Cell {
  /** Keras' name of the class. */
  static className = "StackedRNNCells";
  /** The cells, the one that sees the input first. */
  readonly cells: Cell[];

  constructor(options: StackedRNNCellsOptions) {
    const { cells, ...common } = options;
    if (!Array.isArray(cells) || cells.length === 0) {
      throw invalidArgument("cells", { expected: "a list of cells", received: cells });
    }
    super(common as ConstructorParameters<typeof tf.layers.Layer>[0]);
    this.cells = cells.map((cell) => checkCell("cells", described(cell)));
  }

  override build(inputShape: Shape | Shape[]): void {
    let shape = inputShape as Shape;
    for (const cell of this.cells) {
      if (!cell.built) cell.build(shape);
      shape = cell.outputOf(shape);
    }
    this.built = true;
  }

  stateShapes(input: Shape): Shape[] {
    return this.groups(input).flat();
  }

  /** The shapes of each cell's states. */
  private groups(input: Shape): Shape[][] {
    let shape = input;
    return this.cells.map((cell) => {
      const states = cell.stateShapes(shape);
      shape = cell.outputOf(shape);
      return states;
    });
  }

  outputOf(input: Shape): Shape {
    return this.cells.reduce((shape, cell) => cell.outputOf(shape), input);
  }

  begin({ training, input, states }: PassOptions): Pass {
    const counts = this.groups(input).map(({ length }) => length);
    let shape = input;
    let first = 0;
    const passes = this.cells.map((cell, i) => {
      const own = states.slice(first, first + counts[i]!);
      first += counts[i]!;
      const pass = cell.begin({ training, input: shape, states: own });
      shape = cell.outputOf(shape) as number[];
      return pass;
    });
    return {
      project: (inputs) => passes[0]!.project(inputs),
      step: (projected, given) => {
        const rest = [...given];
        let output = projected;
        const next = passes.flatMap((pass, i) => {
          const seen = i === 0 ? projected : pass.project(output);
          const stepped = pass.step(seen, rest.splice(0, counts[i]));
          output = stepped.output;
          return stepped.states;
        });
        return { output, states: next };
      },
    };
  }

  override get trainableWeights(): LayerVariable[] {
    if (!this.trainable) return [];
    return (this.cells ?? []).flatMap((cell) => cell.trainableWeights);
  }

  override get nonTrainableWeights(): LayerVariable[] {
    const cells = this.cells ?? [];
    return cells.flatMap((cell) => (this.trainable ? cell.nonTrainableWeights : cell.weights));
  }

  override setFastWeightInitDuringBuild(value: boolean): void {
    super.setFastWeightInitDuringBuild(value);
    for (const cell of this.cells) cell.setFastWeightInitDuringBuild(value);
  }

  /** Not called by itself: a recurrent layer goes through its steps. */
  override call(): Tensor {
    throw invalidArgument("layer", {
      expected: "a recurrent layer, such as layers.rnn({ cell })",
      received: this.getClassName(),
    });
  }

  /** The layer's options, as plain data. */
  override getConfig() {
    return { ...super.getConfig(), cells: this.cells.map(describing) as never };
  }
}
