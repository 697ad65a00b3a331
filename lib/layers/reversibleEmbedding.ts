/** Vectors for whole numbers, and from vectors back: how much each number is meant. */
import type { LayerVariable, Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, checkNumber, checkWhole } from "../checks";
import { invalidArgument } from "../errors";
import {
  type ArrangedCall,
  baseClass,
  type CallArguments,
  type Config,
  type Shape,
  tf,
  type tf as tfjs,
} from "../tfjs";
import { rejectUnknownArguments } from "./callChecks";
import type { CommonLayerOptions } from "./options";
import { oneInput, oneShape } from "./plainLayer";

/** What tfjs' embedding takes for its weights. @inline */
type EmbeddingArguments = Parameters<typeof tfjs.layers.embedding>[0];

/** Options of `layers.reversibleEmbedding`. */
export interface ReversibleEmbeddingOptions extends CommonLayerOptions {
  /** How many numbers there are, from 0. */
  inputDim: number;
  /** How long the vector of each is. */
  outputDim: number;
  /** Whether the way back has the same weights. @default true */
  tieWeights?: boolean;
  /** The vectors' first values. @default "randomUniform" */
  embeddingsInitializer?: EmbeddingArguments["embeddingsInitializer"];
  /** What large vectors cost. @default nothing */
  embeddingsRegularizer?: EmbeddingArguments["embeddingsRegularizer"];
  /** What vectors are brought to after each step. @default nothing */
  embeddingsConstraint?: EmbeddingArguments["embeddingsConstraint"];
  /** Whether 0 stands for nothing, which is masked. @default false */
  maskZero?: boolean;
  /** Keeps the results of the way back between this and its opposite. @default no bound */
  logitSoftCap?: number | null;
}

/**
 * An embedding that is also applied to vectors, with `reverse`.
 *
 * @see https://keras.io/api/layers/core_layers/reversible_embedding/
 */
export class ReversibleEmbedding extends baseClass("Embedding") {
  /** Keras' name of the class. */
  static className = "ReversibleEmbedding";
  /** What a call may be told. */
  readonly callArguments: readonly string[] = ["reverse"];
  private readonly settings: { tieWeights: boolean; logitSoftCap: number | null };
  private reverseEmbeddings: LayerVariable | undefined;
  /** Whether the call that a model is made of goes back. */
  private isReverse = false;

  constructor(options: ReversibleEmbeddingOptions) {
    const { tieWeights = true, logitSoftCap = null, ...others } = options;
    checkWhole("inputDim", options.inputDim, { low: 1, required: true });
    checkWhole("outputDim", options.outputDim, { low: 1, required: true });
    checkBoolean("tieWeights", tieWeights);
    checkBoolean("maskZero", options.maskZero);
    checkNumber("logitSoftCap", logitSoftCap ?? undefined, { above: 0 });
    super({ ...others } as Config);
    this.settings = { tieWeights, logitSoftCap };
  }

  /** Makes the weights. */
  override build(inputShape: Shape | Shape[]): void {
    super.build(inputShape);
    if (this.settings.tieWeights) return;
    this.reverseEmbeddings = this.addWeight(
      "reverse_embeddings",
      [this.outputDim, this.inputDim],
      "float32",
      this.embeddingsInitializer,
    );
  }

  /** Checks a call. */
  arrangeCall(call: ArrangedCall): ArrangedCall {
    const { reverse } = call.kwargs;
    rejectUnknownArguments(call.kwargs, { title: this.getClassName(), known: ["reverse"] });
    checkBoolean("reverse", reverse);
    this.isReverse = reverse === true;
    return call;
  }

  /** The output's shape for an input's, `null` for what may vary. */
  override computeOutputShape(inputShape: Shape | Shape[]): Shape {
    const shape = oneShape(inputShape);
    if (this.isReverse) {
      this.checkVectors(shape);
      return [...shape.slice(0, -1), this.inputDim];
    }
    return [...shape, this.outputDim];
  }

  /** Computes the layer's output; the caller disposes it. */
  override call(inputs: Tensor | Tensor[], kwargs: CallArguments = {}): Tensor {
    return tf.tidy(() => {
      const input = oneInput(inputs);
      if (kwargs.reverse !== true) {
        return tf.gather(this.embeddings.read(), tf.cast(input, "int32"));
      }
      this.checkVectors(input.shape);
      const rows = tf.reshape(input, [-1, this.outputDim]);
      const logits =
        this.reverseEmbeddings === undefined
          ? tf.matMul(rows, this.embeddings.read(), false, true)
          : tf.matMul(rows, this.reverseEmbeddings.read());
      const shaped = tf.reshape(logits, [...input.shape.slice(0, -1), this.inputDim]);
      const { logitSoftCap: cap } = this.settings;
      return cap === null ? shaped : tf.mul(tf.tanh(tf.div(shaped, cap)), cap);
    });
  }

  private checkVectors(shape: Shape): void {
    if (shape.at(-1) === this.outputDim) return;
    throw invalidArgument("inputs", {
      expected: `vectors of \`outputDim\`, ${this.outputDim} numbers, where \`reverse\` is true`,
      received: shape,
    });
  }

  /** The layer's options, as plain data. */
  override getConfig() {
    const { inputLength: _, ...config } = super.getConfig();
    return { ...config, ...this.settings };
  }
}
