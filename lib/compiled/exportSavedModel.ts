/** A trained model as a SavedModel. */
import type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import { describeValue, InvalidArgumentError } from "../errors";
import {
  assemble,
  type ConstantValue,
  checkSavedModelFolder,
  GraphBuilder,
  NotCompilableError,
  type Output,
  useBiasKernels,
  writeSavedModel,
} from "../graph";
import { bringUpToDate, functionalOf, registeredVariables, useNativeKernels } from "../tfjs";
import { addBatchSize, dtypeNumber } from "./addStep";
import { EagerStep } from "./eager";
import { inputName } from "./traceOnce";
import { traceStep } from "./traceStep";
import { sourceOfStep } from "./userCode";

/**
 * Writes a model for inference as a TensorFlow SavedModel, which tfjs can't.
 *
 * The weights are constants in the file. `tf.saved_model.load(directory).signatures["serving_default"]` runs it in
 * Python; TensorFlow Serving and the other languages' bindings do too. Inputs and outputs have the names of the
 * model's input layers and outputs, any batch size is served, and the layers run as at inference.
 *
 * @param model Any model; it need not be compiled, and stays the caller's.
 * @param directory The folder to make; it must not exist, or be empty.
 * @throws InvalidArgumentError when the folder holds something, something else is there, or an input's shape leaves more open than the batch size.
 * @throws NotCompilableError when the model can't be a graph.
 * @example
 * import { exportSavedModel, loadModel } from "convnets";
 * const model = await loadModel("convnet.keras", { compile: false });
 * await exportSavedModel(model, "serving/convnet/1");
 * @see https://www.tensorflow.org/guide/saved_model
 */
export async function exportSavedModel(model: LayersModel, directory: string): Promise<void> {
  await checkSavedModelFolder(directory);
  useNativeKernels();
  const { inputs, inputNames, outputNames } = functionalOf(model);
  const step = new EagerStep(model, { mode: "predict" });
  const { general, size } = await traceStep({
    name: "serve",
    run: (tensors) => step.predict(tensors),
    inputs: inputs.map((input) => ({ shape: sampleShape(input), dtype: input.dtype })),
    size: 1,
    packed: false,
    source: sourceOfStep(model, undefined),
  });
  if (size !== undefined) {
    throw new NotCompilableError("the model computes by other rules at other batch sizes");
  }
  await bringUpToDate(model);
  const graph = new GraphBuilder();
  const feeds = inputs.map((input, i) =>
    graph.placeholder(`serving_default_${inputNames[i]}`, dtypeNumber(input.dtype), [
      -1,
      ...sampleShape(input),
    ]),
  );
  const constants = new Map<string, Output>();
  const { outputs } = assemble(general, {
    graph,
    inputs: Object.fromEntries(feeds.map((feed, i) => [inputName(i), feed])),
    batch: addBatchSize(graph, feeds[0]!),
    variable: (name) => {
      const read = constants.get(name) ?? graph.constant(constantOf(name), name);
      constants.set(name, read);
      return { read };
    },
  });
  useBiasKernels(graph);
  const named = (names: string[], values: Output[]) =>
    Object.fromEntries(names.map((name, i) => [name, values[i]!]));
  await writeSavedModel(directory, {
    graph,
    signature: { inputs: named(inputNames, feeds), outputs: named(outputNames, outputs) },
  });
}

function sampleShape({ name, shape }: SymbolicTensor): number[] {
  return shape.slice(1).map((size) => {
    if (size !== null) return size;
    throw new InvalidArgumentError(
      `\`model\` must leave no size of its inputs open but the batch's. Received: ${name} of the shape ${describeValue(shape)}`,
      { hint: "Build the model with the sizes that will be served, and give it the weights." },
    );
  });
}

function constantOf(name: string): ConstantValue {
  const variable = registeredVariables()[name]!;
  const { dtype, shape } = variable;
  return { dtype: dtypeNumber(dtype), shape, values: variable.dataSync() };
}
