/** What types operations compute in, as Keras' backend for TensorFlow does. */
import { computedAs, type KerasType, type OperandType, promoted, strong, widthOf } from "../types";
import { OperandsError } from "./operandsError";
import type { OperationTypes, TypeRule } from "./rule";

const float32: KerasType = "float32";

/** In the operands' own types; the result has the first one's. */
export const kept: TypeRule = (operands) => {
  const own = operands.map(strong);
  return { operands: own, result: own[0]! };
};

/** As `kept`, with a result of one type. */
export const giving =
  (result: KerasType): TypeRule =>
  (operands) => ({ operands: operands.map(strong), result });

/** In float32, whatever the operands are. */
export const inFloat32: TypeRule = (operands) => ({
  operands: operands.map(() => float32),
  result: float32,
});

const allIn = (operands: readonly OperandType[], type: KerasType): OperationTypes => ({
  operands: operands.map(() => type),
  result: type,
});

/** In the type that all operands fit into. */
export const together: TypeRule = (operands) => allIn(operands, promoted(operands));

/** As `together`, where Keras makes tensors of Python's numbers before. */
export const togetherAsTensors: TypeRule = (operands) =>
  allIn(operands, promoted(operands.map(strong)));

/** For comparisons. */
export const compared: TypeRule = (operands) => ({
  ...allIn(operands, promoted(operands.map(strong))),
  result: "bool",
});

/** By a rule, where numbers may leave the range of a narrow type and come in again at its other end. */
export const wrapping =
  (rule: TypeRule): TypeRule =>
  (operands, settings) => {
    const types = rule(operands, settings);
    if (types.result === "uint32") {
      throw new OperandsError(
        "computes in uint32. Supported: whole numbers of up to 32 bits with a sign",
      );
    }
    return { ...types, wraps: true };
  };

/** By a rule, with whole numbers in place of truth values. */
export const withoutBooleans =
  (rule: TypeRule): TypeRule =>
  (operands, settings) =>
    rule(
      operands.map((type) => (type === "bool" ? "int32" : type)),
      settings,
    );

/** The largest and smallest of truth values are truth values. */
export const ofOrder: TypeRule = ([type]) => {
  const own = strong(type!);
  return { operands: [own === "bool" ? "int32" : own], result: own };
};

/** Sums of narrow types are wide. */
export const summed: TypeRule = ([type]) => {
  const own = strong(type!);
  const width = widthOf(own);
  const isNarrow = width !== undefined && width.bits < 32;
  const wide = isNarrow && !width.isSigned ? "uint32" : "int32";
  const result = own === "bool" || isNarrow ? wide : own;
  return { operands: [own === "bool" ? "int32" : own], result };
};

/** Products of matrices: whole numbers are computed as floats, those of 8 bits with a sign give wide ones. */
export const multipliedMatrices: TypeRule = (operands) => {
  const types = operands.map(strong);
  const result = types.every((type) => type === "int8") ? "int32" : promoted(types);
  if (computedAs(result) === "int32" && widthOf(result)!.bits < 32) {
    throw new OperandsError(`gives ${result}. Supported: float32, int32, int64`);
  }
  return { operands: types.map(() => float32), result };
};
