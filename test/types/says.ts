/**
 * Sentences about types, which the compiler checks where it compiles the tests: nothing here ever runs.
 *
 * A line under `@ts-expect-error` must not compile; if it does, the compiler calls the directive unused.
 */

/** A sentence and lines that make it true. */
export function says(_sentence: string, _lines: () => unknown): void {}

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** `inferred(value).as<Type>()` compiles only where the value's type is that type, no wider and no narrower. */
export function inferred<T>(_value: T): {
  as<Expected>(..._proof: Equal<T, Expected> extends true ? [] : ["another type", T]): void;
} {
  return { as() {} };
}
