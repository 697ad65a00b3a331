/**
 * Writes a graph as a SavedModel that any TensorFlow runs.
 *
 * @see https://www.tensorflow.org/guide/saved_model
 */
import fs from "node:fs/promises";
import path from "node:path";
import { type InvalidArgumentError, invalidArgument } from "../errors";
import {
  checkFolderPlace,
  fileFault,
  hiddenName,
  makeFolder,
  realPlace,
  removeAbandoned,
  settle,
  unfinishedPath,
} from "../files";
import { MessageWriter } from "../formats";
import { encodeShape } from "./attributes";
import { type GraphBuilder, nodeName, type Output, outputIndex } from "./graphBuilder";

const SCHEMA_VERSION = 1;
const SERVE_TAG = "serve";
const PREDICT_METHOD = "tensorflow/serving/predict";

/** The inputs and outputs of the SavedModel's one signature, by the names that its users call them. */
export interface Signature {
  inputs: Record<string, Output>;
  outputs: Record<string, Output>;
}

/**
 * Writes `saved_model.pb` with the signature `serving_default`.
 *
 * The graph must hold its weights as constants. The folder appears whole or not at all.
 *
 * @param directory The folder to make; it must not exist, or be empty.
 * @param options.graph The graph.
 * @param options.signature Its inputs and outputs.
 * @throws InvalidArgumentError when the folder exists and holds something, or something else is there.
 */
export async function writeSavedModel(
  directory: string,
  options: { graph: GraphBuilder; signature: Signature },
): Promise<void> {
  await checkSavedModelFolder(directory);
  const target = realPlace(directory);
  const parent = path.dirname(target);
  const marks = { prefix: `${hiddenName(target)}unfinished-` };
  let temporary: string | undefined;
  try {
    makeFolder(parent);
    await removeAbandoned(parent, marks);
    temporary = unfinishedPath(parent, marks);
    makeFolder(path.join(temporary, "variables"));
    const file = path.join(temporary, "saved_model.pb");
    await fs.writeFile(file, encodeSavedModel(options), { flush: true });
    await fs.rename(temporary, target); // takes the place of an empty folder, and of nothing else
  } catch (cause) {
    if (temporary !== undefined) {
      await fs.rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    }
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOTEMPTY" || code === "EEXIST") throw notEmpty(directory); // another process was faster
    throw fileFault(directory, { cause, doing: "written" });
  } finally {
    if (temporary !== undefined) settle(temporary);
  }
}

/**
 * Refuses a place at which something is already, unless it is an empty folder.
 *
 * @throws InvalidArgumentError
 */
export async function checkSavedModelFolder(directory: string): Promise<void> {
  checkFolderPlace("directory", directory);
  const present = await fs.readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
    throw error;
  });
  if (present.length > 0) throw notEmpty(directory);
}

function notEmpty(directory: string): InvalidArgumentError {
  return invalidArgument("directory", {
    expected: "a folder that does not exist yet, or an empty one",
    received: directory,
  });
}

function encodeSavedModel({
  graph,
  signature,
}: {
  graph: GraphBuilder;
  signature: Signature;
}): Uint8Array {
  const info = new MessageWriter().bytes(4, SERVE_TAG);
  const metaGraph = new MessageWriter()
    .message(1, info)
    .message(2, graph.toMessage())
    .message(5, mapEntry("serving_default", encodeSignature(graph, signature)));
  return new MessageWriter().int(1, SCHEMA_VERSION).message(2, metaGraph).finish();
}

function encodeSignature(graph: GraphBuilder, { inputs, outputs }: Signature): MessageWriter {
  const message = new MessageWriter();
  for (const [name, output] of Object.entries(inputs)) {
    message.message(1, mapEntry(name, encodeTensorInfo(graph, output)));
  }
  for (const [name, output] of Object.entries(outputs)) {
    message.message(2, mapEntry(name, encodeTensorInfo(graph, output)));
  }
  return message.bytes(3, PREDICT_METHOD);
}

function encodeTensorInfo(graph: GraphBuilder, output: Output): MessageWriter {
  const message = new MessageWriter()
    .bytes(1, `${nodeName(output)}:${outputIndex(output)}`)
    .int(2, graph.dtypeOf(output)!);
  const shape = graph.shapeOf(output);
  return shape === undefined ? message : message.message(3, encodeShape(shape));
}

function mapEntry(key: string, value: MessageWriter): MessageWriter {
  return new MessageWriter().bytes(1, key).message(2, value);
}
