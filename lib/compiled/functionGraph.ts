/** A function for tensors of some shapes, as a graph with its session. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { borrowTensor, differenceOf, dtypeName, type HostTensor } from "../graph";
import { addIterations, DType, learningRateOf, registeredVariables, tf } from "../tfjs";
import { type CompiledModel, compileSteps } from "./compile";
import { CompiledSteps } from "./compiledSteps";
import type { RunnerOptions } from "./step";
import type { StepRequest } from "./stepRequest";
import {
  type FunctionSource,
  otherThanOps,
  type Returned,
  rateName,
  type TracedCall,
  traceAgain,
  traceFunction,
} from "./traceFunction";
import { ownTensor } from "./variables";

/** The one step in the graph. */
const NAME = "call";

/** One compiled function for one kind of arguments. Dispose it, or its variables stay until the process ends. */
export class FunctionGraph {
  private constructor(
    private readonly source: FunctionSource,
    private readonly traced: TracedCall,
    private readonly model: CompiledModel,
    private readonly steps: CompiledSteps,
  ) {}

  /**
   * Compiles.
   *
   * @throws NotCompilableError when the function can't be a graph that does the same.
   */
  static async compile(
    source: FunctionSource,
    { precision }: Pick<RunnerOptions, "precision">,
  ): Promise<FunctionGraph> {
    const traced = await traceFunction(source);
    const inputs = [...source.inputs, ...traced.draws];
    const request: StepRequest = {
      name: NAME,
      run: (tensors) => source.call(tensors).tensors,
      inputs,
      size: Math.max(2, ...source.inputs.map(({ shape }) => shape[0] ?? 0)),
      packed: false,
      source: source.source,
      isWhole: true,
      parameters: [...source.optimizers.keys()].map((_, i) => rateName(i)),
    };
    const model = await compileSteps([request], { precision, trace: async () => traced });
    return new FunctionGraph(source, traced, model, await CompiledSteps.open(model));
  }

  /** Whether its variables are still those that tfjs knows. */
  get isAlive(): boolean {
    const variables = registeredVariables();
    for (const [name, { variable }] of this.model.variables) {
      if (variables[name] !== variable) return false;
    }
    return true;
  }

  /**
   * What the function does otherwise than when it was traced; undefined when it still does the same.
   *
   * @throws NotCompilableError when it can't be traced any more.
   */
  change(source: FunctionSource): string | undefined {
    const { traced } = this;
    const now = traceAgain(source, traced.factors);
    return differenceOf(traced.asOf!.trace, now.trace) ?? otherThanOps(traced, now);
  }

  /**
   * Runs the function. One call at a time.
   *
   * @param inputs The tensors of the arguments; their numbers are read before the first `await`.
   * @returns What it gives. Variables and counts of steps are those after the call.
   */
  async run(inputs: readonly Tensor[]): Promise<Returned> {
    const { steps, traced, source } = this;
    const drawn = traced.draws.map(({ draw }) => draw.make());
    const borrowed = [...inputs, ...drawn].map(borrowTensor);
    try {
      await steps.push();
      const rates = [...source.optimizers.keys()].map(rateNow);
      const results = await steps.run(NAME, [...borrowed.map(({ host }) => host), ...rates]);
      await steps.pull();
      for (const [optimizer, count] of source.optimizers) addIterations(optimizer, count);
      return { form: traced.result, tensors: results.map(toOwn) };
    } finally {
      for (const { end } of borrowed) end();
      tf.dispose(drawn);
    }
  }

  /** Frees the session's variables. */
  dispose(): void {
    this.steps.dispose();
  }
}

function toOwn(host: HostTensor): Tensor {
  return ownTensor(host, dtypeName(host.dtype));
}

function rateNow(optimizer: Parameters<typeof learningRateOf>[0]): HostTensor {
  const data = Float32Array.of(learningRateOf(optimizer) ?? 0);
  return { dtype: DType.float32, shape: [], data };
}
