/** What cases of users' own code are made of: data, a small network, own layers and optimizers, and how they run. */
import type {
  LayersModel,
  layers,
  Optimizer,
  SymbolicTensor,
  Tensor,
  Variable,
} from "@tensorflow/tfjs-node-gpu";
import { type FitOptions, fit, setSeed, tf } from "../../lib/index";
import { watchingWarnings } from "./run";

type Layer = layers.Layer;
type Loss = (yTrue: Tensor, yPred: Tensor) => Tensor;

/** A model to train, on data of its own. */
export interface Setup {
  model: LayersModel;
  data: [Tensor, Tensor];
  fit?: FitOptions;
  /** Does what is to be done instead of one `fit`; gets the engine and gives losses. */
  run?: (engine: "eager" | "auto") => Promise<number[]>;
}

/** Numbers between -1 and 1. */
function numbers(shape: number[], stream = 0): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  const values = Float32Array.from({ length: size }, (_, i) => Math.sin(i * 12.9898 + stream));
  return tf.tensor(values, shape);
}

/** Samples of three numbers, each with one number to predict. */
export const points = (samples = 12, units = 1): [Tensor, Tensor] => [
  numbers([samples, 3]),
  numbers([samples, units], 1),
];

/** A network of two dense layers with something in between. */
export function network(
  settings: {
    optimizer?: Optimizer;
    loss?: string | Loss;
    body?: Layer[];
    units?: number;
    metrics?: unknown[];
  } = {},
): LayersModel {
  const {
    optimizer = tf.train.sgd(0.1),
    loss = "meanSquaredError",
    body = [],
    units = 1,
  } = settings;
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 4, activation: "tanh", inputShape: [3] }),
      ...body,
      tf.layers.dense({ units }),
    ],
  });
  model.compile({ optimizer, loss: loss as string, metrics: (settings.metrics ?? []) as string[] });
  return model;
}

/** A layer that does what a function says; `this` of the function is the layer. */
export class Own extends tf.layers.Layer {
  static className = "Own";

  constructor(private readonly rule: (x: Tensor, training: boolean) => Tensor) {
    super({});
  }

  override call(inputs: Tensor | Tensor[], kwargs: { training?: boolean }): Tensor {
    return tf.tidy(() =>
      this.rule(Array.isArray(inputs) ? inputs[0]! : inputs, kwargs.training === true),
    );
  }

  override computeOutputShape(shape: number[]): number[] {
    return shape;
  }
}

export type Gradients = Parameters<Optimizer["applyGradients"]>[0];

/** The gradients as a list, as `minimize` gives them. */
export function listOf(
  gradients: Gradients | Record<string, Tensor>,
): { name: string; tensor: Tensor }[] {
  return Array.isArray(gradients)
    ? gradients
    : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor: tensor as Tensor }));
}

/** An optimizer that takes steps of a length that a sub-class tells. */
abstract class Descent extends tf.Optimizer {
  protected abstract nextLength(): number;

  override applyGradients(gradients: Gradients): void {
    const length = this.nextLength();
    for (const { name, tensor } of listOf(gradients)) {
      const variable: Variable = tf.engine().registeredVariables[name]!;
      variable.assign(tf.sub(variable, tf.mul(tensor, length)));
    }
    this.incrementIterations();
  }

  getConfig() {
    return {};
  }
}

/** An optimizer that takes steps of a length of its own. */
export class Steps extends Descent {
  static className = "Steps";
  private count = 0;

  constructor(private readonly length: (step: number) => number) {
    super();
  }

  protected override nextLength(): number {
    return this.length(this.count++);
  }
}

/** The same with a rate, as tfjs' optimizers have one. */
export class Rated extends Descent {
  static className = "Rated";
  learningRate = 0.1;

  constructor(private readonly length: (optimizer: Rated) => number) {
    super();
  }

  protected override nextLength(): number {
    return this.length(this);
  }
}

/** What a run gave: losses, and all weights at the end; or what it was refused with. */
export interface Trained {
  losses: number[];
  weights: number[];
  warnings: string[];
}

/** Trains a setup, which is made anew. */
export async function trainOwn(make: () => Setup, engine: "eager" | "auto"): Promise<Trained> {
  setSeed(4);
  const setup = make();
  const { model, data } = setup;
  const { result: losses, warnings } = await watchingWarnings(async () => {
    if (setup.run !== undefined) return setup.run(engine);
    const { history } = await fit(model, data, {
      epochs: 3,
      batchSize: 4,
      shuffle: false,
      verbose: 0,
      ...setup.fit,
      engine,
    });
    return Object.values(history).flat();
  });
  const weights = model.getWeights().flatMap((weight) => Array.from(weight.dataSync()));
  tf.dispose(data);
  return { losses, weights, warnings };
}

/** The largest difference of two runs. */
export function apart(a: Trained, b: Trained): number {
  const [mine, its] = [a, b].map(({ losses, weights }) => [...losses, ...weights]) as [
    number[],
    number[],
  ];
  if (mine.length !== its.length) return Infinity;
  return mine.reduce((most, value, i) => {
    const size = Math.abs(value - its[i]!);
    return Number.isNaN(size) ? Infinity : Math.max(most, size);
  }, 0);
}

/** A sequence model whose layers keep their states between batches. */
export function stateful(make: (config: { units: number; stateful: true }) => Layer): Setup {
  const input = tf.input({ batchShape: [4, 5, 2] });
  const states = make({ units: 3, stateful: true }).apply(input) as SymbolicTensor;
  const output = tf.layers.dense({ units: 1 }).apply(states) as SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: output });
  model.compile({ optimizer: tf.train.sgd(0.1), loss: "meanSquaredError" });
  return { model, data: [numbers([12, 5, 2]), numbers([12, 1], 1)] };
}
