/** Validation, evaluation and saved models by the moving averages of weights. */
import { checkBoolean, rejectUnknownOptions } from "../../checks";
import { ConvnetsError } from "../../errors";
import { KerasOptimizer } from "../../optimizers";
import { optimizerOf } from "../../tfjs";
import { Callback } from "./callback";

/** Options of `callbacks.swapEMAWeights`. */
export interface SwapEMAWeightsOptions {
  /**
   * Whether the model also has the averages from the end of an epoch to the beginning of the next, so that callbacks
   * behind this one save them.
   *
   * @default false
   */
  swapOnEpoch?: boolean;
}

class SwapEMAWeights extends Callback {
  private readonly swapOnEpoch: boolean;

  constructor(options: SwapEMAWeightsOptions) {
    super();
    rejectUnknownOptions(options, { swapOnEpoch: true }, "swapEMAWeights");
    const { swapOnEpoch = false } = options;
    checkBoolean("swapOnEpoch", swapOnEpoch);
    this.swapOnEpoch = swapOnEpoch;
  }

  identity(): object {
    return { swapEMAWeights: { swapOnEpoch: this.swapOnEpoch } };
  }

  getState(): boolean {
    return this.optimizer().hasAveragesInModel;
  }

  setState(hasAverages: boolean): void {
    this.optimizer().hasAveragesInModel = hasAverages;
  }

  override onTrainBegin(): void {
    this.optimizer();
  }

  override onEpochBegin(): void {
    if (this.swapOnEpoch) this.showAverages(false);
  }

  override onEpochEnd(): void {
    if (this.swapOnEpoch) this.showAverages(true);
  }

  override onTestBegin(): void {
    this.showAverages(true);
  }

  override onTestEnd(): void {
    this.showAverages(false);
  }

  override onPredictBegin(): void {
    this.showAverages(true);
  }

  override onPredictEnd(): void {
    this.showAverages(false);
  }

  private showAverages(wanted: boolean): void {
    const optimizer = this.optimizer();
    if (optimizer.hasAveragesInModel !== wanted) optimizer.swapAverages();
  }

  private optimizer(): KerasOptimizer {
    const optimizer = optimizerOf(this.model);
    if (optimizer instanceof KerasOptimizer && optimizer.keepsAverages) return optimizer;
    throw new ConvnetsError("`callbacks.swapEMAWeights` needs an optimizer that keeps averages.", {
      hint: "Compile with one that has `useEma: true`, such as `optimizers.adam({ useEma: true })`.",
    });
  }
}

/**
 * Validates, evaluates and predicts with the moving averages of the weights, which an optimizer with `useEma` keeps;
 * training goes on with the weights themselves.
 *
 * @throws InvalidArgumentError for an unknown option; `fit` and `evaluate` throw ConvnetsError without such averages.
 * @example
 * import { callbacks, type FitOptions, optimizers, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [8] })] });
 * model.compile({ optimizer: optimizers.adam({ useEma: true }), loss: "meanSquaredError" });
 * const options: FitOptions = { callbacks: callbacks.swapEMAWeights(), validationSplit: 0.1 };
 * @see https://keras.io/api/callbacks/swap_ema_weights/
 */
export function swapEMAWeights(options: SwapEMAWeightsOptions = {}): Callback {
  return new SwapEMAWeights(options);
}
