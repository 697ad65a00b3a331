/** Chooses what runs the steps of a model. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { describeValue } from "../errors";
import { type HostTensor, NotCompilableError } from "../graph";
import { KeptWeights } from "../tfjs";
import { EagerRunner } from "./eagerRunner";
import { GraphRunner } from "./graphRunner";
import { checkBfloat16 } from "./precision";
import type {
  Batch,
  CallOptions,
  ModelRunner,
  ReadWeights,
  RunnerOptions,
  StepRunner,
} from "./step";
import { coolAll } from "./warm";

/**
 * Makes the runner for a model: compiled, unless the model can't be or the user wants none of it.
 *
 * One that evaluates or predicts takes the weights that the model has now for all batches, whatever a `fit` beside does.
 *
 * @returns The runner; the caller disposes it.
 * @throws InvalidArgumentError for bfloat16 without compilation.
 */
export function createRunner(model: LayersModel, options: RunnerOptions): ModelRunner {
  checkBfloat16(options);
  if (options.mode === "train") coolAll();
  return new ChosenRunner(model, options);
}

/** Models that were said to run eagerly; once is enough. */
const announced = new WeakSet<LayersModel>();

/** With "auto", tries the compiled step at the first batch; what can't be compiled runs eagerly from there on. */
class ChosenRunner implements ModelRunner {
  readonly reading: ReadWeights;
  private readonly kept: KeptWeights | undefined;
  private current: StepRunner;

  constructor(
    private readonly model: LayersModel,
    private readonly options: RunnerOptions,
  ) {
    // What trains is the only one that may, and sees its own steps.
    const kept = options.mode === "train" ? undefined : new KeptWeights(model);
    this.kept = kept;
    this.reading = (work) => (kept === undefined ? work() : kept.read(work));
    this.current = this.open(options.engine === "eager" ? EagerRunner : GraphRunner);
  }

  get kind() {
    return this.current.kind;
  }

  train(batch: Batch): Promise<number[]> {
    return this.attempt((runner) => runner.train(batch));
  }

  trainMany(batches: readonly Batch[], options?: CallOptions): Promise<number[][]> {
    return this.attempt((runner) => runner.trainMany(batches, options));
  }

  evaluate(batch: Batch): Promise<number[]> {
    return this.attempt((runner) => runner.evaluate(batch));
  }

  predict(batch: Batch): Promise<HostTensor[]> {
    return this.attempt((runner) => runner.predict(batch));
  }

  pull(): Promise<void> {
    return this.current.pull();
  }

  push(): Promise<void> {
    return this.current.push();
  }

  share(): void {
    this.current.share();
  }

  dispose(): void {
    this.current.dispose();
    this.kept?.dispose();
  }

  private open(Runner: typeof EagerRunner | typeof GraphRunner): StepRunner {
    return new Runner(this.model, { ...this.options, reading: this.reading });
  }

  private async attempt<T>(step: (runner: StepRunner) => Promise<T>): Promise<T> {
    try {
      return await step(this.current);
    } catch (error) {
      // Compilation comes before the step runs, so nothing has been trained twice.
      const { engine, group, devices } = this.options;
      const isTogether = group !== undefined || devices !== undefined;
      const isFinal = engine !== "auto" || isTogether || this.current.kind === "eager";
      if (!(error instanceof NotCompilableError) || isFinal) throw error;
      await this.current.pull();
      this.current.dispose();
      this.current = this.open(EagerRunner);
      // What is the user's own mistake fails now, in the user's own terms, and needs no word about engines.
      const result = await step(this.current);
      this.announce(error);
      return result;
    }
  }

  private announce(reason: NotCompilableError): void {
    if (announced.has(this.model)) return;
    announced.add(this.model);
    warnOfEager(`The model ${describeValue(this.model.name)}`, reason);
  }
}

/** Says that something runs eagerly, and why. @param what Begins the sentence. */
export function warnOfEager(what: string, { message, hint }: NotCompilableError): void {
  console.warn(`${what} runs eagerly, which is slower: ${message}.${hint ? ` ${hint}` : ""}`);
}
