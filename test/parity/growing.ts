/** Models that grow layer by layer, by random choices. */
import { type Config, type LayerSpec, layer } from "./description";
import type { Draw } from "./draw";

const smooth = ["linear", "tanh", "sigmoid", "relu", "elu", "selu", "softplus", "swish", "gelu"];

/** A model under construction: its layers, and the shape of what the last one gives. */
export class Growing {
  readonly layers: LayerSpec[] = [];
  private count = 0;

  shape: number[];

  constructor(
    private readonly draw: Draw,
    shape: number[],
    /** Whether gradients may be nothing but rounding, as before a normalization. */
    private readonly mayNormalize: boolean,
  ) {
    this.shape = shape;
  }

  get rank(): number {
    return this.shape.length;
  }

  add(kind: string, config: Config, shape: number[], inner?: LayerSpec): void {
    const name = `${kind.toLowerCase()}_${++this.count}`;
    this.layers.push(layer(kind, config, { name, inner }));
    this.shape = shape;
  }

  /** One more layer or block, whatever fits. */
  grow(): void {
    if (this.draw.chance(0.2) && this.layers.length > 0) this.addBranch();
    else if (this.draw.chance(0.15) && this.mayNormalize && this.rank > 1) this.addNormalization();
    else if (this.draw.chance(0.15)) this.addElementwise();
    else if (this.rank === 3) this.addToImage();
    else if (this.rank === 2) this.addToSequence();
    else this.addToVector();
  }

  /** Until the last layer gives a vector. */
  flatten(): void {
    const { draw, shape, rank } = this;
    const features = [shape.at(-1)!];
    if (rank === 1) return;
    const repeats = this.layers.some(({ kind }) => kind === "RepeatVector");
    const pooled = repeats ? "Average" : draw.of(["Max", "Average"]);
    // Of equal maxima, each library has its own idea who gets the gradient.
    const ties = this.layers.some(({ kind }) =>
      /MaxPooling|UpSampling|RNN|GRU|LSTM|Bidi/.test(kind),
    );
    const way = draw.of(["Flatten", `Global${ties ? "Average" : pooled}Pooling`]);
    if (way !== "Flatten") this.add(`${way}${rank - 1}D`, {}, features);
    else this.add("Flatten", {}, [shape.reduce((product, size) => product * size, 1)]);
  }

  private addElementwise(): void {
    const { draw, shape } = this;
    const layers: [string, Config][] = [
      ["Activation", { activation: draw.of(smooth) }],
      ["LeakyReLU", { alpha: Math.fround(draw.number(0, 0.5)) }],
      ["PReLU", {}],
      ["ReLU", draw.chance(0.5) ? {} : { maxValue: 1 }],
      ["Dropout", { rate: 0 }],
      ["Rescaling", { scale: draw.of([0.5, 2]), offset: draw.of([0, 1]) }],
    ];
    this.add(...draw.of(layers), shape);
  }

  private addNormalization(): void {
    const { draw, shape } = this;
    const kind = draw.of(["BatchNormalization", "LayerNormalization"]);
    const config = { epsilon: draw.of([1e-3, 0.1]) };
    const momentum = kind === "BatchNormalization" ? { momentum: draw.of([0.5, 0.9, 0.99]) } : {};
    this.add(kind, { ...config, ...momentum }, shape);
  }

  /** Beside what is there, something of the same shape, and both merged. */
  private addBranch(): void {
    const { draw, rank } = this;
    const before = this.layers.at(-1)!.name;
    const units = this.shape.at(-1)!;
    const activation = draw.of(smooth);
    if (rank === 3) {
      const config = { filters: units, kernelSize: draw.whole(1, 3), padding: "same", activation };
      this.add("Conv2D", config, this.shape);
    } else this.add("Dense", { units, activation }, this.shape);
    const from = [before, this.layers.at(-1)!.name];
    const merge = draw.of(["Add", "Average", "Multiply", "Maximum", "Minimum", "Concatenate"]);
    const shape = [...this.shape];
    if (merge === "Concatenate") shape[rank - 1] = units * 2;
    this.add(merge, {}, shape);
    this.layers.push({ ...this.layers.pop()!, from });
  }

  private addToVector(): void {
    const { draw } = this;
    const units = draw.whole(1, 6);
    if (draw.chance(0.2)) this.add("RepeatVector", { n: 3 }, [3, ...this.shape]);
    else this.add("Dense", this.weighted("kernel", { units }), [units]);
  }

  private addToSequence(): void {
    const { draw } = this;
    const [length = 1, width = 1] = this.shape;
    const units = draw.whole(1, 4);
    const kind = draw.of([
      "Conv1D",
      "Pooling",
      "Recurrent",
      "Recurrent",
      "Both ways",
      "Dense",
      "Permute",
    ]);
    if (kind === "Permute") this.add(kind, { dims: [2, 1] }, [width, length]);
    else if (kind === "Dense") this.add(kind, this.weighted("kernel", { units }), [length, units]);
    else if (kind === "Recurrent" || kind === "Both ways") {
      const returnSequences = draw.chance(0.6);
      const [cell, config] = this.cell(units, returnSequences);
      const double = kind === "Both ways" ? 2 : 1;
      const shape = returnSequences ? [length, units * double] : [units * double];
      if (double === 1) this.add(cell, { ...config, goBackwards: draw.chance(0.2) }, shape);
      else this.add("Bidirectional", { mergeMode: "concat" }, shape, layer(cell, config));
    } else {
      const { size, ...window } = this.window(length);
      const after = reduced(length, { size, ...window });
      if (kind === "Conv1D") {
        const config = { filters: units, kernelSize: size, ...window };
        this.add(kind, this.weighted("kernel", config), [after, units]);
      } else {
        const way = draw.of(["Max", "Average"]);
        this.add(`${way}Pooling1D`, { poolSize: size, ...window }, [after, width]);
      }
    }
  }

  private cell(units: number, returnSequences: boolean): [kind: string, config: Config] {
    const { draw } = this;
    const kind = draw.of(["SimpleRNN", "GRU", "LSTM"]);
    const gates =
      kind === "SimpleRNN" ? {} : { recurrentActivation: draw.of(["sigmoid", "hardSigmoid"]) };
    const reset = kind === "GRU" ? { resetAfter: false } : {};
    const config = { units, returnSequences, useBias: draw.chance(0.8), ...gates, ...reset };
    return [kind, { ...config, activation: draw.of(["tanh", "sigmoid", "relu"]) }];
  }

  private addToImage(): void {
    const { draw } = this;
    const kinds = ["Conv2D", "Conv2D", "Depthwise", "Separable", "Transpose", "Pooling", "Edges"];
    this.add(...this.imageLayer(draw.of(kinds)));
  }

  private imageLayer(kind: string): [kind: string, config: Config, shape: number[]] {
    const { draw } = this;
    const [height = 1, width = 1, channels = 1] = this.shape;
    const filters = draw.whole(1, 5);
    const depthMultiplier = draw.whole(1, 2);
    const { size, ...window } = this.window(Math.min(height, width));
    const options = { kernelSize: size, ...window };
    const after = [height, width].map((length) => reduced(length, { size, ...window }));
    if (kind === "Depthwise") {
      const config = this.weighted("depthwise", { ...options, depthMultiplier });
      return ["DepthwiseConv2D", config, [...after, channels * depthMultiplier]];
    }
    if (kind === "Separable") {
      const config = this.weighted("pointwise", { ...options, filters, depthMultiplier });
      return ["SeparableConv2D", config, [...after, filters]];
    }
    if (kind === "Transpose" && Math.min(height, width) <= 5) {
      const { strides, padding } = window;
      const more = padding === "valid" ? Math.max(size - strides, 0) : 0;
      const shape = [height * strides + more, width * strides + more, filters];
      return ["Conv2DTranspose", this.weighted("kernel", { ...options, filters }), shape];
    }
    if (kind === "Pooling") {
      const way = draw.of(["Max", "Average"]);
      return [`${way}Pooling2D`, { poolSize: size, ...window }, [...after, channels]];
    }
    if (kind === "Edges") return this.edges(height, width, channels);
    return ["Conv2D", this.weighted("kernel", { ...options, filters }), [...after, filters]];
  }

  /** Less or more around an image, or more in between. */
  private edges(height: number, width: number, channels: number): [string, Config, number[]] {
    const crop = [
      [0, 1],
      [1, 1],
    ];
    const pad = [
      [1, 2],
      [0, 1],
    ];
    if (Math.min(height, width) > 3) {
      return ["Cropping2D", { cropping: crop }, [height - 1, width - 2, channels]];
    }
    return this.draw.chance(0.5)
      ? ["ZeroPadding2D", { padding: pad }, [height + 3, width + 1, channels]]
      : ["UpSampling2D", { size: [2, 2] }, [height * 2, width * 2, channels]];
  }

  private window(length: number) {
    const { draw } = this;
    const size = draw.whole(1, Math.min(3, length));
    // Depthwise kernels of TensorFlow take strides below their size only.
    return { size, strides: draw.whole(1, Math.min(2, size)), padding: draw.of(["valid", "same"]) };
  }

  /** Options of layers with a kernel. */
  private weighted(kernel: string, config: Config): Config {
    const { draw } = this;
    const more: Config = { activation: draw.of(smooth), useBias: draw.chance(0.8) };
    if (draw.chance(0.1)) more.trainable = false;
    const isRegularized = draw.chance(0.15);
    const isConstrained = draw.chance(0.1);
    if (isConstrained) more[`${kernel}Constraint`] = { className: "NonNeg", config: {} };
    if (isRegularized) {
      // At 0, where the constraint leaves weights, tfjs has a slope for |x| of -1, TensorFlow of 0.
      const config = { l1: isConstrained ? 0 : 0.01, l2: 0.05 };
      more[`${kernel}Regularizer`] = { className: "L1L2", config };
    }
    if (draw.chance(0.1)) {
      more.biasConstraint = { className: "MaxNorm", config: { maxValue: 0.3, axis: 0 } };
    }
    return { ...config, ...more };
  }
}

/** How long an axis is after a window went over it. */
function reduced(
  length: number,
  { size, strides, padding }: { size: number; strides: number; padding: string },
): number {
  return Math.ceil((padding === "valid" ? length - size + 1 : length) / strides);
}
