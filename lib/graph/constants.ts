/** Constants of traces: their numbers, and how two of them compare. */
import { DType } from "../tfjs";
import type { ConstantValue } from "./attributes";

/** Fewer elements than this are kept as they are, whatever they hold. */
const SMALL_ELEMENTS = 1024;

/**
 * A constant as it is kept: of many equal numbers, such as the ones that a gradient starts from, only one.
 *
 * They are as large as activations, and a graph fills them in by itself.
 */
export function compact(constant: ConstantValue): ConstantValue {
  const { shape } = constant;
  const elements = shape.reduce((product, size) => product * size, 1);
  if (elements < SMALL_ELEMENTS || uniformValue(constant) === undefined) return constant;
  // A copy: a part of the array would keep all of it.
  return { ...constant, values: numbersOf(constant).slice(0, 1), isUniform: true };
}

/** The number that all elements are, if they are. */
export function uniformValue(constant: ConstantValue): number | undefined {
  const values = numbersOf(constant);
  const first = values[0] ?? 0;
  for (let i = 1; i < values.length; i++) if (!Object.is(values[i], first)) return undefined;
  return Number(first);
}

/** Whether two constants are the same to the last bit. */
export function sameConstant(a: ConstantValue, b: ConstantValue): boolean {
  if (a.dtype !== b.dtype || !sameShape(a.shape, b.shape)) return false;
  if (a.values === b.values) return true;
  if (Boolean(a.isUniform) !== Boolean(b.isUniform)) return false;
  return Buffer.compare(bytesOf(a.values), bytesOf(b.values)) === 0;
}

/** Whether two shapes are the same. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** A constant's numbers in row-major order; one for all where it is uniform. */
export function numbersOf({
  dtype,
  values,
}: ConstantValue): Float32Array | Int32Array | Uint8Array | BigInt64Array {
  const { buffer, byteOffset, byteLength } = values;
  switch (dtype) {
    case DType.float32:
      return new Float32Array(buffer, byteOffset, byteLength / 4);
    case DType.int32:
      return new Int32Array(buffer, byteOffset, byteLength / 4);
    case DType.int64:
      // Bytes may be aligned to four only (tfjs-node makes int64 scalars as Int32Array).
      return new BigInt64Array(Uint8Array.from(bytesOf(values)).buffer);
    default:
      return bytesOf(values);
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
