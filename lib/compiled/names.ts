/** The names in a function's text. */

/** A function's text. */
export function textOf(fn: unknown): string {
  return Function.prototype.toString.call(fn);
}

/** Whether a function is JavaScript's or Node's own, or a bound one. */
export function isNative(fn: unknown): boolean {
  return textOf(fn).includes("[native code]");
}

const NAME = /[\p{L}_$][\p{L}\p{N}_$]*/gu;
/** Names but those right behind the dot of an object other than `exports`, where a file's own variables are. */
const FREE_NAME =
  /(?<=\bexports\.)[\p{L}_$][\p{L}\p{N}_$]*|(?<![\p{L}\p{N}_$]|[\p{L}\p{N}_$)\]]\??\.)[\p{L}_$][\p{L}\p{N}_$]*/gu;

/** All names, those of fields too. */
export const wordsOf = remembered(NAME);

/** Names that may be variables. */
export const variablesNamedIn = remembered(FREE_NAME);

/** Whether a function, or a class' text, reads private fields: only their own class sees them. */
export function readsPrivate(fn: unknown): boolean {
  return /\.#[\p{L}_$]|#[\p{L}_$][\p{L}\p{N}_$]*\s+in\b/u.test(textOf(fn));
}

function remembered(pattern: RegExp): (fn: unknown) => ReadonlySet<string> {
  const known = new WeakMap<object, ReadonlySet<string>>();
  return (fn) => {
    const names = known.get(fn as object) ?? new Set(textOf(fn).match(pattern));
    known.set(fn as object, names);
    return names;
  };
}

/** Whether a function's text is an arrow function's, not a method's. */
export function isArrow(text: string): boolean {
  return /^(async\s*)?(\(|[\p{L}_$][\p{L}\p{N}_$]*\s*=>)/u.test(text);
}
