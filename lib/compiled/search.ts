/** Goes through what a function names, and what that holds: all that can be watched, and what can't. */
import { types } from "node:util";
import { describeValue } from "../errors";
import { NotCompilableError } from "../graph";
import { isKnownClass, runsUserCode, tf, userFunctions, userPrototypes } from "../tfjs";
import { closedOver, isObject, variableName } from "./closures";
import type { Watched } from "./fields";
import { isPlain } from "./leaves";
import { librarysOwn } from "./librarysOwn";
import { isArrow, isNative, readsPrivate, textOf, variablesNamedIn, wordsOf } from "./names";
import { isOfNumbers, isStateless, unseenIn, userGlobalIn } from "./unseen";
import { isOwnObjective, watchedIn } from "./userCode";

/** Bounds of the search: a larger object is data, which a function is given. */
const MOST_OBJECTS = 500;

const GIVE_IT =
  "Give it to the function as a tensor or a number among its arguments, or keep it in a plain object or a `tf.variable`.";

/** Goes through what functions hold. */
export class Search {
  readonly watched: Watched[] = [];
  readonly functions: unknown[] = [];
  refusal: NotCompilableError | undefined;
  private readonly seen = new Set<unknown>();

  /** @param holder The object that the value is a field or method of, if that is seen, too. */
  visit(value: unknown, name: string, holder?: object): void {
    if (Object(value) !== value || this.seen.has(value) || isLibrarys(value as object)) return;
    if (this.seen.size >= MOST_OBJECTS) {
      this.refuse(`more than ${MOST_OBJECTS} objects and functions are behind it`, GIVE_IT);
      return;
    }
    this.seen.add(value);
    if (typeof value !== "function") {
      this.visitObject(value as object, { name, holder });
      return;
    }
    const fn = value as Callable;
    if (isOwnObjective(fn)) {
      this.visitStatics(fn);
      for (const prototype of userPrototypes(fn)) this.visitPrototype(prototype);
      return;
    }
    if (hidesThis(fn, holder)) {
      this.refuse(
        `${describeValue(fn.name)} hides the object behind \`this\``,
        "Name the object: `(x) => trainer.step(x)`.",
      );
    }
    this.visitFunction(fn);
  }

  private refuse(message: string, hint: string): void {
    this.refusal ??= new NotCompilableError(message, { hint });
  }

  private visitFunction(fn: Callable): void {
    if (isNative(fn)) return;
    this.functions.push(fn);
    if (readsPrivate(fn)) {
      this.refuse(
        `${describeValue(fn.name)} reads private fields, which can't be watched`,
        GIVE_IT,
      );
    }
    const names = variablesNamedIn(fn);
    const global = userGlobalIn(wordsOf(fn));
    if (global !== undefined) {
      this.refuse(`the global ${describeValue(global)} can't be watched`, GIVE_IT);
    }
    for (const [key, value] of closedOver([fn])) {
      const name = variableName(key);
      if (!names.has(name)) continue;
      if (isModule(value)) this.visitModule(value, wordsOf(fn));
      else this.visit(value, `the variable ${describeValue(name)}`);
    }
    this.visitStatics(fn);
  }

  /** Fields and methods of a function or class itself, and of what the class is derived from. */
  private visitStatics(fn: Callable): void {
    const name = `the function ${describeValue(fn.name)}`;
    this.watchShared(fn, name);
    for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(fn))) {
      if (key !== "prototype") this.visitProperty(property, { name, holder: fn });
    }
    if (/^class\b/.test(textOf(fn))) {
      this.visit(Object.getPrototypeOf(fn), name, fn);
    }
    const { prototype } = fn;
    if (isObject(prototype) && Reflect.ownKeys(prototype).length > 1)
      this.visitPrototype(prototype);
  }

  /** Watches what belongs to no object of the class: an accessor that is listed there would be called for nobody. */
  private watchShared(object: object, name: string): void {
    const listed = Object.values(Object.getOwnPropertyDescriptors(object));
    if (listed.some(({ enumerable, get }) => enumerable === true && get !== undefined)) {
      this.refuse(`${name} has a getter that is listed, which can't be watched`, GIVE_IT);
    } else this.watched.push({ name, object, isWhole: true });
  }

  private visitProperty(
    { value, get, set }: PropertyDescriptor,
    { name, holder }: { name: string; holder: object },
  ): void {
    for (const each of [value, get, set]) this.visit(each, name, holder);
  }

  /** Methods, accessors and fields of a user's class, and the class. */
  private visitPrototype(prototype: object): void {
    if (this.seen.has(prototype)) return;
    this.seen.add(prototype);
    const name = `the class ${describeValue(prototype.constructor.name)}`;
    this.watchShared(prototype, name);
    for (const property of Object.values(Object.getOwnPropertyDescriptors(prototype))) {
      this.visitProperty(property, { name, holder: prototype });
    }
  }

  /** Another file of the user's. */
  private visitModule(module: object, words: ReadonlySet<string>): void {
    if (librarysOwn().has(module)) return;
    for (const key of Object.keys(module)) {
      if (!words.has(key)) continue;
      const value: unknown = Reflect.get(module, key);
      const name = `the variable ${describeValue(key)}`;
      if (isLibrarys(value)) continue;
      if (!this.seen.has(module)) {
        this.seen.add(module);
        this.watched.push({ name: "another file", object: module, isWhole: true });
      }
      this.visit(value, name);
    }
  }

  private visitObject(object: object, { name, holder }: { name: string; holder?: object }): void {
    if (object instanceof tf.Tensor || isStateless(object)) return;
    if (!types.isProxy(object)) {
      if (object instanceof tf.Optimizer || "inboundNodes" in object) {
        this.visitKnown(object);
        return;
      }
      if (librarysOwn().has(object.constructor) && !(object instanceof tf.TensorBuffer)) return;
    }
    const unseen = unseenIn(object) ?? (isOfUser(object) ? undefined : classOf(object));
    if (unseen !== undefined) {
      this.refuse(`${name} is or holds ${unseen}, which can't be watched`, GIVE_IT);
      return;
    }
    if (isOfNumbers(object)) {
      // What holds it sees its members, too.
      if (holder === undefined) {
        this.watched.push({ name, object: { items: object }, isWhole: true });
      }
      return;
    }
    this.watched.push({ name, object, isWhole: true });
    for (const property of Object.values(Object.getOwnPropertyDescriptors(object))) {
      this.visitProperty(property, { name, holder: object });
    }
    if (isPlain(object) || Array.isArray(object)) return;
    for (const prototype of userPrototypes(object)) {
      if (isLibrarys(prototype.constructor) || isNative(prototype.constructor)) return;
      this.visitPrototype(prototype);
    }
  }

  /** Layers, models and optimizers; of a user's own class, what its fields hold too. */
  private visitKnown(object: object): void {
    const { watched } = watchedIn(object);
    this.watched.push(...watched);
    for (const { object: part, name } of watched) {
      this.seen.add(part);
      if (!runsUserCode(part)) continue;
      for (const fn of userFunctions(part)) this.visit(fn, name, part);
      for (const prototype of userPrototypes(part)) this.visitPrototype(prototype);
      for (const key of Object.keys(part).filter((each) => !baseFields().has(each))) {
        const value: unknown = Reflect.get(part, key);
        if (!isOfTfjs(value)) this.visit(value, `the field ${describeValue(key)} of ${name}`, part);
      }
    }
  }
}

interface Callable {
  (...args: never[]): unknown;
  prototype?: unknown;
}

class AnyLayer extends tf.layers.Layer {}

let fieldsOfLayers: ReadonlySet<string> | undefined;

/** The fields that tfjs gives each layer: it changes what they hold itself. */
function baseFields(): ReadonlySet<string> {
  fieldsOfLayers ??= new Set(Object.keys(new AnyLayer({ name: "any" })));
  return fieldsOfLayers;
}

/** Weights and what makes or changes them: no state of JavaScript's, or looked at with their layer. */
function isOfTfjs(value: unknown): boolean {
  return value instanceof tf.LayerVariable || value instanceof tf.serialization.Serializable;
}

/** A library's object or function, or the wrapper that an import of a whole one makes. */
function isLibrarys(value: unknown): boolean {
  const own = librarysOwn();
  if (own.has(value as object) || isKnownClass(value)) return true;
  if (!isObject(value) || types.isProxy(value)) return false;
  const { default: whole, ...rest } = Object.getOwnPropertyDescriptors(value) as {
    default?: PropertyDescriptor;
  } & Record<string, PropertyDescriptor>;
  if (Object(whole?.value) !== whole?.value || !own.has(whole?.value as object)) return false;
  return Object.values(rest).every(({ get }) => get !== undefined);
}

/** A plain object, a list, or an object of a class of the user's. */
function isOfUser(object: object): boolean {
  if (isPlain(object) || Array.isArray(object) || ArrayBuffer.isView(object)) return true;
  const cls: unknown = object.constructor;
  return typeof cls === "function" && !isNative(cls);
}

/** An object's class in words. */
function classOf(object: object): string {
  const cls: unknown = object.constructor;
  return `an object of ${typeof cls === "function" ? cls.name : "no class"}`;
}

function isModule(value: unknown): value is object {
  if (!isObject(value) || types.isProxy(value)) return false;
  return types.isModuleNamespaceObject(value) || "__esModule" in value;
}

/**
 * Whether a function has taken a `this` with it, as arrow functions and bound ones do: no scope tells of it.
 *
 * An arrow function in a class' text is its object's, and a method is of the object that it is called on.
 */
function hidesThis(fn: Callable, holder: object | undefined): boolean {
  if (isNative(fn)) return fn.name.startsWith("bound ");
  const text = textOf(fn);
  if (!wordsOf(fn).has("this") || /^(async\s+)?(function|class)\b/.test(text)) return false;
  if (holder === undefined) return true;
  if (!isArrow(text)) return false;
  return !userPrototypes(holder).some((each) => textOf(each.constructor).includes(text));
}
