/** Stops training whose loss is no number any more. */
import { checkBoolean, rejectUnknownOptions } from "../../checks";
import { ConvnetsError } from "../../errors";
import { type Callback, LibraryCallback, type Logs } from "./callback";

/** Options of `callbacks.terminateOnNaN`. */
export interface TerminateOnNaNOptions {
  /** Whether `fit` rejects, without the other callbacks' `onTrainEnd`, instead of ending. @default false */
  raiseError?: boolean;
}

class TerminateOnNaN extends LibraryCallback {
  private readonly raiseError: boolean;

  constructor(options: TerminateOnNaNOptions) {
    super();
    rejectUnknownOptions(options, { raiseError: true }, "terminateOnNaN");
    const { raiseError = false } = options;
    checkBoolean("raiseError", raiseError);
    this.raiseError = raiseError;
    this.onlyReadsLogs = true;
  }

  identity(): object {
    return { terminateOnNaN: { raiseError: this.raiseError } };
  }

  override onTrainBatchEnd(batch: number, { loss }: Logs = {}): void {
    if (loss === undefined || Number.isFinite(loss)) return;
    if (this.raiseError) {
      throw new ConvnetsError(`The loss is ${loss} at batch ${batch}.`, {
        hint: "A smaller learning rate or `clipNorm` may help; `tf.enableDebugMode` finds the op.",
      });
    }
    console.log(`Batch ${batch}: Invalid loss, terminating training`);
    this.model.stopTraining = true;
  }
}

/**
 * Ends training after a step whose loss is NaN or infinite.
 *
 * It looks at every step, so each is a call of its own (see `stepsPerExecution`).
 *
 * @throws InvalidArgumentError for an unknown option; with `raiseError`, `fit` throws ConvnetsError at such a loss.
 * @example
 * import { callbacks, type FitOptions } from "convnets";
 * const options: FitOptions = { epochs: 30, callbacks: callbacks.terminateOnNaN() };
 * @see https://keras.io/api/callbacks/terminate_on_nan/
 */
export function terminateOnNaN(options: TerminateOnNaNOptions = {}): Callback {
  return new TerminateOnNaN(options);
}
