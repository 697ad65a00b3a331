/** What recurrent layers do at each time step, and what all of them have. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, checkNumber, checkWhole } from "../checks";
import type { KeySource } from "../engine";
import { baseClass, type Config, type Layer, type Shape, tf, type Weight } from "../tfjs";
import { dropoutMask } from "./dropout";
import { keysOf } from "./randomLayer";
import type { RecurrentOptions } from "./recurrentOptions";

/** A pass over a sequence: the shapes of what there is at one time step. */
export interface PassOptions {
  /** Whether shares are dropped. */
  training: boolean;
  input: number[];
  states: number[][];
}

/** A cell in one pass over a sequence; what it drops is the same at all time steps. */
export interface Pass {
  /** What steps need of their inputs: of all steps at once, `[steps, batch, …]`, or of one, `[batch, …]`. */
  project(inputs: Tensor): Tensor;
  /** One time step: the next states, of which the first is the output, but in a stack of cells. */
  step(projected: Tensor, states: Tensor[]): { output: Tensor; states: Tensor[] };
}

/** What a recurrent layer calls at each time step. */
export interface Cell extends Layer {
  /** The shapes of the states for that of a time step's input. */
  stateShapes(input: Shape): Shape[];
  /** The shape of the output for that of a time step's input. */
  outputOf(input: Shape): Shape;
  /** Begins a pass over a sequence. */
  begin(options: PassOptions): Pass;
}

/** Products of what a cell sees, maybe without shares of it. */
type Product = (x: Tensor, kernel: Tensor) => Tensor;

/** A product of vectors with a kernel, of however many time steps. */
const dense: Product = (x, kernel) => {
  const rows = tf.reshape(x, [-1, x.shape.at(-1)!]);
  return tf.reshape(tf.matMul(rows, kernel), [...x.shape.slice(0, -1), kernel.shape[1]!]);
};

/** A cell with a kernel for inputs, one for states, and a bias. */
export abstract class RecurrentCell extends baseClass("GRUCell") implements Cell {
  /** Hands out the keys for what is dropped; none where nothing is. */
  readonly keys: KeySource | undefined;
  protected readonly seed: number | null;

  constructor(config: Config) {
    const { dropout = 0, recurrentDropout = 0, seed = null } = config as RecurrentOptions;
    checkWhole("units", config.units, { low: 1, required: true });
    checkBoolean("useBias", config.useBias ?? undefined);
    checkNumber("dropout", dropout, { low: 0, high: 1 });
    checkNumber("recurrentDropout", recurrentDropout, { low: 0, high: 1 });
    super({
      ...config,
      kernelInitializer: config.kernelInitializer ?? "glorotUniform",
      recurrentActivation: config.recurrentActivation ?? "sigmoid",
      resetAfter: false,
    });
    this.seed = seed;
    this.keys = dropout > 0 || recurrentDropout > 0 ? keysOf(seed) : undefined;
  }

  /** How many parts the kernels have. */
  protected abstract readonly gates: number;

  abstract begin(options: PassOptions): Pass;

  stateShapes(input: Shape): Shape[] {
    return [[input[0]!, this.units]];
  }

  outputOf(input: Shape): Shape {
    return this.stateShapes(input)[0]!;
  }

  override build(inputShape: Shape | Shape[]): void {
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as Shape;
    this.addWeights(shape.at(-1)!, []);
  }

  /** @param window The sizes of what a convolution sees; none of a product. */
  protected addWeights(inputs: number, window: number[]): void {
    const filters = this.gates * this.units;
    const add = (name: string, size: number[], what: "kernel" | "recurrent" | "bias") =>
      this.addWeight(
        name,
        size,
        "float32",
        what === "bias" ? this.firstBias() : this[`${what}Initializer`],
        this[`${what}Regularizer`],
        true,
        this[`${what}Constraint`],
      );
    this.kernel = add("kernel", [...window, inputs, filters], "kernel");
    this.recurrentKernel = add("recurrent_kernel", [...window, this.units, filters], "recurrent");
    this.bias = this.useBias ? add("bias", this.biasShape(), "bias") : null;
    this.built = true;
  }

  /** Takes another cell's weights for its own. */
  take(weights: Weight[]): void {
    const [kernel, recurrentKernel, bias] = weights as [Weight, Weight, Weight?];
    this.kernel = kernel;
    this.recurrentKernel = recurrentKernel;
    this.bias = bias ?? null;
    this.built = true;
  }

  protected biasShape(): number[] {
    return [this.gates * this.units];
  }

  protected firstBias(): typeof this.biasInitializer {
    return this.biasInitializer;
  }

  /** The products of inputs and of states with their kernels. */
  protected products(options: PassOptions): { ofInputs(x: Tensor): Tensor; masks?: Tensor[] } {
    // Keras drops the same of the input for all gates, but not where it drops of the states, too.
    const count = this.recurrentDropout > 0 ? this.gates : this.inputMasks;
    const dropped = this.masks(options.training ? this.dropout : 0, {
      shape: options.input,
      count,
    });
    const ofInputs = gatewise(this.kernel.read(), dropped, (x, kernel) => this.ofInput(x, kernel));
    const rate = options.training ? this.recurrentDropout : 0;
    const masks = this.masks(rate, { shape: options.states[0]!, count: this.gates });
    const bias = this.inputBias();
    return {
      ofInputs: (x) => (bias === undefined ? ofInputs(x) : tf.add(ofInputs(x), bias)),
      ...(masks && { masks }),
    };
  }

  /** How many masks inputs have where states have none. */
  protected get inputMasks(): number {
    return 1;
  }

  protected inputBias(): Tensor | undefined {
    return this.bias?.read();
  }

  /** The product of a state with a kernel, or with a part of it. */
  protected ofStates(kernel: Tensor, masks: Tensor[] | undefined): (state: Tensor) => Tensor {
    return gatewise(kernel, masks, (x, part) => this.ofState(x, part));
  }

  protected ofInput(x: Tensor, kernel: Tensor): Tensor {
    return dense(x, kernel);
  }

  protected ofState(x: Tensor, kernel: Tensor): Tensor {
    return dense(x, kernel);
  }

  private masks(
    rate: number,
    { shape, count }: { shape: number[]; count: number },
  ): Tensor[] | undefined {
    if (rate <= 0 || rate >= 1) return undefined; // as in Keras
    return Array.from({ length: count }, () => dropoutMask(shape, rate, this.keys!));
  }

  /** The cell's options, as plain data. */
  override getConfig() {
    const { implementation: _, resetAfter: __, recurrentActivation, ...config } = super.getConfig();
    const ofGates = this.gates > 1 && { recurrentActivation: recurrentActivation! };
    return { ...config, ...ofGates, seed: this.seed };
  }
}

/** A product with a kernel, where each of its parts may see something else. */
function gatewise(
  kernel: Tensor,
  masks: Tensor[] | undefined,
  product: Product,
): (x: Tensor) => Tensor {
  if (masks === undefined) return (x) => product(x, kernel);
  if (masks.length === 1) return (x) => product(tf.mul(x, masks[0]!), kernel);
  const parts = tf.split(kernel, masks.length, kernel.rank - 1);
  return (x) =>
    tf.concat(
      masks.map((mask, i) => product(tf.mul(x, mask), parts[i]!)),
      x.rank - 1,
    );
}
