/** Types of numbers as Keras has them; whole numbers of all widths are int32 here, all floats float32. */
import type { SymbolicTensor } from "@tensorflow/tfjs-node-gpu";

const wholeTypes = {
  uint8: { bits: 8, isSigned: false },
  uint16: { bits: 16, isSigned: false },
  uint32: { bits: 32, isSigned: false },
  int8: { bits: 8, isSigned: true },
  int16: { bits: 16, isSigned: true },
  int32: { bits: 32, isSigned: true },
  int64: { bits: 64, isSigned: true },
} as const;

type WholeType = keyof typeof wholeTypes;

/** What a tensor's numbers are in Keras; float32 for floats of any width. */
export type KerasType = "bool" | "float32" | WholeType;

/** Python's own numbers, too, which take on the type of what they meet. */
export type OperandType = KerasType | "int" | "float";

/** The type of a name in a file; undefined for one that isn't known. */
export function typeNamed(name: unknown): KerasType | undefined {
  if (typeof name !== "string") return undefined;
  if (/^b?float\d\d$/.test(name)) return "float32";
  return name === "bool" || Object.hasOwn(wholeTypes, name) ? (name as KerasType) : undefined;
}

/** How many bits a whole number has, and whether one is the sign; undefined for other types. */
export function widthOf(type: OperandType): { bits: number; isSigned: boolean } | undefined {
  return Object.hasOwn(wholeTypes, type) ? wholeTypes[type as WholeType] : undefined;
}

/** The type that numbers of a type have here. */
export function computedAs(type: KerasType): "bool" | "float32" | "int32" {
  return type === "bool" || type === "float32" ? type : "int32";
}

/** A type of Python's own as TensorFlow makes a tensor of it. */
export function strong(type: OperandType): KerasType {
  if (type === "int") return "int32";
  return type === "float" ? "float32" : type;
}

/**
 * The type that operands of several types are computed in.
 *
 * @see https://keras.io/api/utils/backend_utils/ for `keras.backend.result_type`, which this is.
 */
export function promoted(types: readonly OperandType[]): KerasType {
  if (types.some((type) => strong(type) === "float32")) return "float32";
  const widths = types.map(widthOf).filter((width) => width !== undefined);
  if (widths.length === 0) return types.includes("int") ? "int32" : "bool";
  const most = (isSigned: boolean) =>
    Math.max(0, ...widths.filter((each) => each.isSigned === isSigned).map(({ bits }) => bits));
  const [signed, unsigned] = [most(true), most(false)];
  if (signed === 0) return `uint${unsigned}` as WholeType;
  // A signed type that holds all unsigned ones has twice their bits.
  return `int${Math.max(signed, 2 * unsigned)}` as WholeType;
}

const types = new WeakMap<SymbolicTensor, KerasType>();

/** Notes what type a model's tensor has in Keras. */
export function noteType(tensor: SymbolicTensor, type: KerasType): void {
  types.set(tensor, type);
}

/** The type that was noted; undefined for a tensor of a model that was made here. */
export function typeOf(tensor: SymbolicTensor): KerasType | undefined {
  return types.get(tensor);
}
