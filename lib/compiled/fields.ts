/** The fields of layers and optimizers: JavaScript's part of what a step follows from. */
import { tf } from "../tfjs";
import { isPlain } from "./leaves";

/** An object that is watched. */
export interface Watched {
  /** Names it in messages: `the layer "dense"`. */
  name: string;
  object: object;
  /** Whether each field of the user's counts, also one that has the name of what any step may change. @default false */
  isWhole?: boolean;
}

/** What any step or call may change: counts, and the rate that a graph is fed. */
const passing = new Set([
  "iterations_",
  "learningRate",
  "rate",
  "c",
  "inboundNodes",
  "outboundNodes",
  "_refCount",
  "stopTraining_",
  "isTraining",
  "history",
]);

/** What a layer counts by itself; all else in one of the user's own class is the user's. */
const layersOwn = new Set(["inboundNodes", "outboundNodes", "_refCount"]);

interface Field {
  owner: Watched;
  key: string;
  value: unknown;
  /** The members of a list or plain object, which may change in place. */
  members: readonly unknown[] | undefined;
}

/** The fields of some objects as they were at one moment: themselves, and one level of what lists hold. */
export class Fields {
  private readonly fields: Field[];
  /** The names of each object's fields. */
  private readonly keys: ReadonlyMap<object, ReadonlySet<string>>;
  /** The same with those that may change, in order, for each that is watched. */
  private readonly allKeys: readonly (readonly string[])[];

  constructor(private readonly watched: readonly Watched[]) {
    this.keys = new Map(watched.map((each) => [each.object, new Set(keysOf(each))]));
    this.allKeys = watched.map(({ object }) => Object.keys(object));
    this.fields = watched.flatMap((owner) =>
      keysOf(owner).map((key) => {
        const value: unknown = Reflect.get(owner.object, key);
        return { owner, key, value, members: membersOf(value) };
      }),
    );
  }

  /** What has changed since: `the field "scale" of the layer "dense"`. Asked before each prediction. */
  changed(): string[] {
    const names: string[] = [];
    for (const { owner, key, value, members } of this.fields) {
      const now = (owner.object as Record<string, unknown>)[key];
      if (!Object.is(now, value) || (members !== undefined && !holds(now, members))) {
        names.push(nameOf(owner, key));
      }
    }
    for (const [i, owner] of this.watched.entries()) {
      if (hasKeys(owner.object, this.allKeys[i]!)) continue;
      names.push(...this.added(owner).map((key) => nameOf(owner, key)));
    }
    return names;
  }

  /** Puts everything back; tensors that came meanwhile are disposed. */
  restore(): void {
    const kept = new Set(this.fields.flatMap(({ value, members = [] }) => [value, ...members]));
    const drop = (value: unknown) => {
      if (value instanceof tf.Tensor && !(value instanceof tf.Variable) && !kept.has(value)) {
        value.dispose();
      }
    };
    const dropAll = (value: unknown) => {
      for (const each of [value, ...(membersOf(value) ?? [])]) drop(each);
    };
    for (const { owner, key, value, members } of this.fields) {
      const { object } = owner;
      const now: unknown = Reflect.get(object, key);
      if (!Object.is(now, value)) {
        dropAll(now);
        Reflect.set(object, key, value);
      }
      if (members !== undefined && !holds(value, members)) {
        for (const each of membersOf(value)!) drop(each);
        putMembers(value as object, members);
      }
    }
    for (const owner of this.watched) {
      const { object } = owner;
      for (const key of this.added(owner)) {
        dropAll(Reflect.get(object, key));
        Reflect.deleteProperty(object, key);
      }
      if (Array.isArray(object)) object.length = this.keys.get(object)!.size;
    }
  }

  /** Fields that came since. */
  private added(owner: Watched): string[] {
    const known = this.keys.get(owner.object)!;
    return keysOf(owner).filter((key) => !known.has(key));
  }
}

function keysOf({ object, isWhole }: Watched): string[] {
  const keys = Object.keys(object);
  if (isWhole !== true) return keys.filter((key) => !passing.has(key));
  return "inboundNodes" in object ? keys.filter((key) => !layersOwn.has(key)) : keys;
}

/** Whether an object's fields are these, in this order. */
function hasKeys(object: object, known: readonly string[]): boolean {
  const keys = Object.keys(object);
  if (keys.length !== known.length) return false;
  for (let i = 0; i < keys.length; i++) if (keys[i] !== known[i]) return false;
  return true;
}

function nameOf({ name }: Watched, key: string): string {
  return `the field "${key}" of ${name}`;
}

function membersOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return [...value];
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return Array.from(value as Float32Array);
  }
  if (!isPlain(value)) return undefined;
  return Object.entries(value).flat();
}

/** Whether a list or plain object still has its members; asked before each prediction, so nothing is made. */
function holds(value: unknown, members: readonly unknown[]): boolean {
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const list = value as ArrayLike<unknown>;
    if (list.length !== members.length) return false;
    for (let i = 0; i < members.length; i++) if (!Object.is(list[i], members[i])) return false;
    return true;
  }
  const keys = Object.keys(value as object);
  if (2 * keys.length !== members.length) return false;
  return keys.every(
    (key, i) =>
      key === members[2 * i] && Object.is(Reflect.get(value as object, key), members[2 * i + 1]),
  );
}

function putMembers(target: object, members: readonly unknown[]): void {
  if (Array.isArray(target)) target.splice(0, target.length, ...members);
  else if (ArrayBuffer.isView(target)) (target as Float32Array).set(members as number[]);
  else {
    for (const key of Object.keys(target)) Reflect.deleteProperty(target, key);
    for (let i = 0; i < members.length; i += 2) {
      Reflect.set(target, members[i] as string, members[i + 1]);
    }
  }
}
