/**
 * What a function follows from in JavaScript: the variables that it names, and the objects that they hold.
 *
 * A function sees more of its file than it uses, a loop's counter among it, so only what its text names counts. The
 * user's other functions are looked into, tfjs' and this library's aren't.
 */
import { describeValue } from "../errors";
import { tf, userFunctions } from "../tfjs";
import { type ClosedOver, changedVariables, closedOver, variableName } from "./closures";
import { Fields, type Watched } from "./fields";
import { isPlain } from "./leaves";
import { librarysOwn } from "./librarysOwn";
import { inWords } from "./traceAlone";
import { type StepSource, watchedIn } from "./userCode";

/** Bounds of the search: a larger object is data, which a function is given. */
const MOST_OBJECTS = 500;
const LONGEST_LIST = 256;

/** A function's source as it was at one moment. */
export class Reach {
  readonly source: StepSource;
  /** A function that reaches an object which nobody else can see; undefined where there is none. */
  readonly hiding: string | undefined;
  private readonly fields: Fields;
  private readonly variables: ClosedOver;

  constructor(fn: unknown, optimizers: Iterable<object> = []) {
    const search = new Search();
    search.visit(fn, "");
    this.hiding = search.hiding;
    for (const optimizer of optimizers) search.visit(optimizer, "the optimizer");
    this.source = { watched: search.watched, functions: search.functions, hasUserCode: true };
    this.fields = new Fields(search.watched);
    this.variables = namedVariables(search.functions);
  }

  /** Variables that hold another number, text or truth value since. */
  changedVariables(): string[] {
    return changedVariables(this.variables, namedVariables(this.source.functions));
  }

  /** What has changed since, in words; undefined when nothing has. */
  change(): string | undefined {
    const now = namedVariables(this.source.functions);
    const changed = [...now].filter(([key, value]) => !Object.is(this.variables.get(key), value));
    const names = changed.map(([key]) => `the variable "${variableName(key)}"`);
    const all = [...new Set([...this.fields.changed(), ...names])];
    return all.length === 0 ? undefined : inWords(all);
  }
}

/** Goes through what functions hold. */
class Search {
  readonly watched: Watched[] = [];
  readonly functions: unknown[] = [];
  hiding: string | undefined;
  private readonly seen = new Set<unknown>();

  /** @param isOfObject Whether the value is a field or method of an object that is seen, too. */
  visit(value: unknown, name: string, isOfObject = false): void {
    if (Object(value) !== value || this.seen.has(value) || librarysOwn().has(value as object))
      return;
    if (this.seen.size >= MOST_OBJECTS) return;
    this.seen.add(value);
    if (typeof value === "function") {
      if (!isOfObject && hidesThis(value)) this.hiding ??= value.name;
      this.visitFunction(value);
    } else this.visitObject(value as object, name);
  }

  private visitFunction(fn: unknown): void {
    if (isNative(fn)) return;
    this.functions.push(fn);
    const words = wordsOf(fn);
    for (const [key, value] of closedOver([fn])) {
      const name = variableName(key);
      if (!words.has(name)) continue;
      if (isModule(value)) this.visitModule(value, words);
      else this.visit(value, `the variable ${describeValue(name)}`);
    }
  }

  /** Another file of the user's. */
  private visitModule(module: object, words: ReadonlySet<string>): void {
    if (librarysOwn().has(module)) return;
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(module))) {
      if (words.has(name)) this.visit(value, `the variable ${describeValue(name)}`);
    }
  }

  private visitObject(object: object, name: string): void {
    if (object instanceof tf.Tensor || ArrayBuffer.isView(object)) return;
    const known = object instanceof tf.Optimizer || "inboundNodes" in object;
    if (known) {
      const { watched, functions } = watchedIn(object);
      this.watched.push(...watched);
      this.functions.push(...functions);
      return;
    }
    if (Array.isArray(object) ? object.length > LONGEST_LIST : !isOfUser(object)) return;
    this.watched.push({ name, object, isWhole: true });
    for (const { value } of Object.values(Object.getOwnPropertyDescriptors(object))) {
      this.visit(value, name, true);
    }
    for (const method of userFunctions(object)) this.visit(method, name, true);
  }
}

/** A plain object, or one of a class of the user's. */
function isOfUser(object: object): boolean {
  if (isPlain(object)) return true;
  const cls: unknown = object.constructor;
  return typeof cls === "function" && !librarysOwn().has(cls) && !isNative(cls);
}

function isModule(value: unknown): value is object {
  return typeof value === "object" && value !== null && "__esModule" in value;
}

/** The variables of functions that their own texts name. */
function namedVariables(functions: readonly unknown[]): ClosedOver {
  const words = functions.map(wordsOf);
  return new Map(
    [...closedOver(functions)].filter(([key]) => {
      const [place] = key.split(" ");
      return words[Number(place)]!.has(variableName(key));
    }),
  );
}

/** Whether a function has taken a `this` with it, as arrow functions and bound ones do: no scope tells of it. */
function hidesThis(fn: { name: string }): boolean {
  if (isNative(fn)) return fn.name.startsWith("bound ");
  return wordsOf(fn).has("this") && !/^(async\s+)?(function|class)\b/.test(textOf(fn));
}

function isNative(fn: unknown): boolean {
  return textOf(fn).includes("[native code]");
}

function textOf(fn: unknown): string {
  return Function.prototype.toString.call(fn);
}

const known = new WeakMap<object, ReadonlySet<string>>();

/** All names in a function's text. */
function wordsOf(fn: unknown): ReadonlySet<string> {
  const all = () => textOf(fn).match(/[\p{L}_$][\p{L}\p{N}_$]*/gu);
  const words = known.get(fn as object) ?? new Set(all());
  known.set(fn as object, words);
  return words;
}
