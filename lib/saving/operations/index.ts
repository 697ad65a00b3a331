/** Operations as layers: what `x / 127.5 - 1` and `ops.mean(x)` leave in a Keras file, read and written. */
import { describeValue } from "../../errors";
import { isObject, type Json, type JsonObject } from "../../json";
import type { Layer } from "../../tfjs";
import { type Reference, tensorReference } from "../calls";
import { field, listField, ModelFileError, objectField } from "../json";
import { toCamelCase } from "../names";
import { isFloat, withFloats } from "../pythonJson";
import { classNameOf, kerasClassOf, layerTitle } from "../titles";
import { typeNamed } from "../types";
import { number } from "../values";
import { arrangements } from "./arrangements";
import { elementwise } from "./elementwise";
import { readKey } from "./getItem";
import { type Operand, Operation, sizesOf } from "./operation";
import { pictures, products } from "./products";
import { reductions } from "./reductions";
import type { OperationRule, OperationTable, Settings } from "./rule";

export { applyOperation } from "./apply";
export { OperandsError } from "./operandsError";
export { Operation } from "./operation";

const table: OperationTable = {
  ...elementwise,
  ...reductions,
  ...arrangements,
  ...products,
  ...pictures,
};

/** Keras' modules of operations; `keras.activations.relu` leaves one, too. */
const modules = /^keras\.(src\.)?(ops|activations)(\.|$)/;

/** Whether an entry among a model's layers is an operation. */
export function isOperation(entry: JsonObject): boolean {
  const module = field(entry, "module");
  if (typeof module === "string") return modules.test(module);
  return mayBeOperation(entry) && Object.hasOwn(table, classNameOf(entry));
}

/** Whether an entry can't be told from an operation: HDF5 files leave the module out. */
export function mayBeOperation(entry: JsonObject): boolean {
  const config = field(entry, "config");
  // Only layers say whether they are trained.
  const isTrained = isObject(config) && Object.hasOwn(config, "trainable");
  return field(entry, "module") === undefined && !isTrained;
}

/** The classes of operations that can be read, for messages. */
export function supportedOperations(): string[] {
  return Object.keys(table).sort();
}

const operationTitle = (className: string, name: string) => `operation "${name}" (${className})`;

/** An operation, and the tensors that it is called on. */
interface ReadOperation {
  operation: Operation;
  inputs: Reference[];
}

/**
 * Makes the layer that does what an operation does, by the table: nothing of the file is run.
 *
 * @throws ModelFileError naming the operation, and the operations or options that are supported.
 */
export function readOperation(name: string, entry: JsonObject): ReadOperation {
  const className = classNameOf(entry);
  const title = operationTitle(className, name);
  const rule = Object.hasOwn(table, className) ? table[className] : undefined;
  if (rule === undefined) {
    throw new ModelFileError(`${title} is unknown. Supported: ${supportedOperations().join(", ")}`);
  }
  const nodes = listField(entry, "inbound_nodes", title);
  const [node] = nodes;
  if (nodes.length !== 1 || !isObject(node!)) {
    throw new ModelFileError(`${title} is called ${nodes.length} times. Supported: once`);
  }
  const { name: _, ...config } = objectField(entry, "config", title);
  const settings = readSettings(rule, config, title);
  const tensors: JsonObject[] = [];
  const args = numbered(withFloats(listField(node, "args", title)), tensors);
  const kwargs = objectField(node, "kwargs", title);
  if (className === "Pad") {
    const { constant_values: given, ...others } = kwargs;
    settings.constantValues = number().read(given ?? 0, `${title}, constant_values,`) as number;
    checkKwargs(others, title);
  } else {
    checkKwargs(kwargs, title);
  }
  if (className === "GetItem") {
    if (args.length !== 2) throw new ModelFileError(`${title} has ${args.length} arguments`);
    settings.key = readKey(args[1]!, title);
  }
  const given = className === "GetItem" ? args.slice(0, 1) : args;
  const operands = readOperands(rule, given, title);
  const module = field(entry, "module") ?? "keras.src.ops.numpy";
  const description = {
    ...{ name, module: module as string, className, args },
    ...{ config: withFloats(config), kwargs: withFloats(kwargs) },
  };
  const types = tensors.map(({ config: tensor }) =>
    typeNamed(isObject(tensor!) ? field(tensor, "dtype") : undefined),
  );
  return {
    operation: new Operation(description, { rule, settings, operands, types }),
    inputs: tensors.map((tensor) => tensorReference(tensor, title)),
  };
}

function readSettings(rule: OperationRule, config: JsonObject, title: string): Settings {
  const options = rule.options ?? {};
  const settings: Partial<Settings> = {};
  for (const [key, setting] of Object.entries(config)) {
    const option = Object.hasOwn(options, key) ? options[key] : undefined;
    if (option !== undefined) {
      const read = option.read(setting, `${title}, option ${key},`);
      Object.assign(settings, { [toCamelCase(key)]: read });
    } else if (setting !== null) {
      throw new ModelFileError(
        `${title} has the option ${key}=${describeValue(setting)}. ` +
          `Supported: ${Object.keys(options).join(", ") || "none"}`,
      );
    }
  }
  for (const key of Object.keys(options)) {
    if (!(key in config)) throw new ModelFileError(`${title} lacks the option ${key}`);
  }
  return settings as Settings;
}

/** Only what is left to Keras' default: what counts stands among the other arguments. */
function checkKwargs(kwargs: JsonObject, title: string): void {
  for (const [key, setting] of Object.entries(kwargs)) {
    if (setting === null) continue;
    throw new ModelFileError(
      `${title} is called with ${key}=${describeValue(setting)}, which is not supported`,
    );
  }
}

/** Arguments whose tensors are numbered in the order that they come; `tensors` gets them. */
function numbered(args: Json[], tensors: JsonObject[]): Json[] {
  return args.map((arg): Json => {
    if (Array.isArray(arg)) return numbered(arg, tensors);
    if (!isTensor(arg)) return arg;
    tensors.push(arg);
    return { class_name: "__keras_tensor__", config: tensors.length - 1 };
  });
}

const isTensor = (value: Json): value is JsonObject =>
  isObject(value) && field(value, "class_name") === "__keras_tensor__";

function readOperands(rule: OperationRule, args: Json[], title: string): Operand[] {
  const list = rule.operands === "list" ? args[0] : args;
  const isWrong = typeof rule.operands === "number" ? args.length !== rule.operands : false;
  if (!Array.isArray(list) || isWrong || (rule.operands === "list" && args.length !== 1)) {
    throw new ModelFileError(`${title} is called on ${args.length} arguments, which don't fit`);
  }
  return list.map((arg) => readOperand(arg, title));
}

/** Constants stand as numbers, or as arrays in an object. */
function readOperand(arg: Json, title: string): Operand {
  if (isTensor(arg)) return { input: arg.config as number };
  if (isFloat(arg)) return { constant: arg.config, type: "float" };
  if (typeof arg === "boolean") return { constant: arg, type: "bool" };
  // What JSON has no word for is a float, too.
  if (typeof arg === "number")
    return { constant: arg, type: Number.isInteger(arg) ? "int" : "float" };
  const className = isObject(arg) ? field(arg, "class_name") : undefined;
  const config = isObject(arg) ? field(arg, "config") : undefined;
  if ((className === "__numpy__" || className === "__tensor__") && isObject(config ?? null)) {
    const value = field(config as JsonObject, "value");
    const type = typeNamed(field(config as JsonObject, "dtype"));
    const isScalar = typeof value === "number" || typeof value === "boolean";
    if (type !== undefined && (isScalar || (Array.isArray(value) && isRegular(value)))) {
      return { constant: value, type };
    }
  }
  throw new ModelFileError(
    `${title} is called on ${describeValue(arg)}. Supported: tensors of the model, numbers, arrays of numbers or of truth values`,
  );
}

/** Whether nested lists of numbers, or of truth values, are all of one shape. */
function isRegular(value: Json[]): boolean {
  for (const type of ["number", "boolean"]) {
    if (value.every((each) => typeof each === type)) return value.length > 0;
  }
  const sizes = sizesOf(value[0]!).join();
  return value.every(
    (each) => Array.isArray(each) && sizesOf(each).join() === sizes && isRegular(each),
  );
}

/** Describes an operation as Keras does; `tensor` describes one of those that it is called on. */
export function writeOperation(
  { description }: Operation,
  { name, tensor }: { name: string; tensor(index: number): Json },
): JsonObject {
  const { module, className, config, args, kwargs } = description;
  const written = (arg: Json): Json => {
    if (Array.isArray(arg)) return arg.map(written);
    return isTensor(arg) ? tensor(arg.config as number) : arg;
  };
  return {
    module,
    class_name: className,
    config: { name, ...config },
    registered_name: className,
    name,
    inbound_nodes: [{ args: args.map(written), kwargs }],
  };
}

/** How messages name a layer of a model, or an operation. */
export function titleOf(layer: Layer): string {
  if (!(layer instanceof Operation)) return layerTitle(kerasClassOf(layer), layer.name);
  return operationTitle(layer.description.className, layer.name);
}
