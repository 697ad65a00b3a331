/** Any function of tensors as one TensorFlow graph. */
import { checkFunction, checkOneOf, rejectUnknownOptions } from "../checks";
import { invalidArgument } from "../errors";
import { FunctionRunner } from "./functionRunner";
import { checkBfloat16 } from "./precision";

/** Options of `compiled`. */
export interface CompiledOptions {
  /**
   * `"graph"` refuses what can't be a graph, `"eager"` runs the function on tfjs' own ops, `"auto"` runs it eagerly
   * where it can't be a graph, and says why, once.
   *
   * @default "auto"
   */
  engine?: "auto" | "graph" | "eager";
  /** In what heavy ops compute, where that is faster here; variables and results stay float32. @default "float32" */
  precision?: "float32" | "bfloat16";
}

/** A function that runs as a graph. */
export interface CompiledFunction<Args extends unknown[], Result> {
  /**
   * Calls it. Calls run one after another, in their order.
   *
   * @param args What the function takes: tensors, numbers, texts, and lists and plain objects of these. Tensors stay the
   *   caller's, who may dispose them at once.
   * @returns What the function returns: tensors in lists and plain objects. All are new, and the caller disposes them.
   * @throws InvalidArgumentError for other arguments and for tensors elsewhere in a result; ConvnetsError after
   *   `dispose` and within another compiled function; whatever the function throws.
   */
  (...args: Args): Promise<Result>;
  /** What the last call ran on; undefined before the first. */
  readonly engine: "graph" | "eager" | undefined;
  /** Frees graphs and sessions. Variables, models and optimizers stay; calls are refused from then on. */
  dispose(): void;
}

/**
 * Makes a function of tensors run as one TensorFlow graph, as `tf.function` does in Python.
 *
 * The function may read and assign `tf.variable`s, compute gradients (`tf.grad`, `tf.variableGrads`), make steps of
 * any optimizers, call layers and models, and draw random numbers, anew in each call. Variables, models and optimizers
 * hold their new values when the call's promise has resolved.
 *
 * The first call with arguments of a kind (their structure, shapes, dtypes, and all that is no tensor) runs eagerly, on
 * tfjs' own ops: it makes what the function makes once, such as the slots of an optimizer. From the second on there is a
 * graph for this kind. When a variable, an object or an option of a layer that the function names has changed since, the
 * function is traced again: in a trace it is called, too, so what it prints is printed then. When it then uses other
 * optimizers, or makes another number of steps, the next call is a first one again.
 *
 * What can't be a graph (it reads values back with `dataSync`, makes variables in each call, counts in JavaScript) or
 * can't be watched (a `Map`, a `Set`, private fields, globals, long lists, an object that only `this` names) goes on
 * eagerly, with one warning that says why. Nobody watches what packages keep for themselves, fields of
 * functions and classes under symbols, and globals of another realm: give the function such as arguments.
 *
 * @param fn A synchronous function. It is called within a `tf.tidy`.
 * @returns The compiled function. Dispose it when it is no longer needed.
 * @throws InvalidArgumentError when `fn` is no function, or an async one, and for unknown options.
 * @example
 * import { compiled, optimizers, tf } from "convnets";
 * const weight = tf.variable(tf.scalar(0));
 * const optimizer = optimizers.adam({ learningRate: 0.1 });
 * const step = compiled((x: tf.Tensor, y: tf.Tensor) => ({
 *   loss: optimizer.minimize(() => tf.losses.meanSquaredError(y, tf.mul(weight, x)), true)!,
 * }));
 * const { loss } = await step(tf.tensor1d([1, 2]), tf.tensor1d([3, 6]));
 * @see https://www.tensorflow.org/guide/function
 */
export function compiled<Args extends unknown[], Result>(
  fn: (...args: Args) => Result,
  options: CompiledOptions = {},
): CompiledFunction<Args, Result> {
  checkFunction("fn", fn, { what: "a synchronous function of tensors" });
  if (fn.constructor.name === "AsyncFunction") {
    throw invalidArgument("fn", {
      expected: "a synchronous function of tensors",
      received: fn,
      hint: "Leave out `async`; what has to be waited for comes before or after the call.",
    });
  }
  rejectUnknownOptions(options, { engine: true, precision: true }, "compiled");
  checkOneOf("engine", options.engine, ["auto", "graph", "eager"]);
  checkOneOf("precision", options.precision, ["float32", "bfloat16"]);
  const { engine = "auto", precision = "float32" } = options;
  checkBfloat16({ engine, precision });
  const runner = new FunctionRunner(fn, { engine, precision });
  const call = (...args: Args) => runner.call(args) as Promise<Result>;
  Object.defineProperty(call, "engine", { get: () => runner.engine });
  return Object.assign(call, { dispose: () => runner.dispose() }) as CompiledFunction<Args, Result>;
}
