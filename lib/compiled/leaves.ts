/** Nested structures and the tensors in them. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { invalidArgument } from "../errors";
import { tf } from "../tfjs";

/** A structure without its tensors. */
export type Form =
  | { kind: "tensor"; index: number; type: string }
  | { kind: "value"; value: unknown }
  | { kind: "list"; items: Form[] }
  | { kind: "record"; entries: [key: string, form: Form][] };

/** A structure and the tensors that were in it, each as often as it was there. */
export interface TakenApart {
  form: Form;
  tensors: Tensor[];
}

/**
 * Takes a structure of lists and plain objects apart.
 *
 * @param value Tensors, lists and plain objects of such, and anything else, which stays in the form.
 * @param options.name What the structure is called.
 * @param options.check Sees what is neither, and each tensor, by its name: `images[0].labels`. Nothing by default.
 * @throws InvalidArgumentError for a structure that holds itself.
 */
export function takeApart(
  value: unknown,
  { name, check = () => {} }: { name: string; check?: (leaf: unknown, name: string) => void },
): TakenApart {
  const tensors: Tensor[] = [];
  const around = new Set<unknown>();
  const formOf = (each: unknown, place: string): Form => {
    if (around.has(each)) {
      throw invalidArgument(place, { expected: "no part of itself", received: each });
    }
    if (!Array.isArray(each) && !isPlain(each)) return leafOf(each, place);
    around.add(each);
    const form = formOfHolder(each, place);
    around.delete(each);
    return form;
  };
  const formOfHolder = (each: unknown[] | Record<string, unknown>, place: string): Form => {
    if (Array.isArray(each)) {
      return { kind: "list", items: each.map((item, i) => formOf(item, `${place}[${i}]`)) };
    }
    const entries = Object.entries(each).map(([key, item]): [string, Form] => [
      key,
      formOf(item, `${place}.${key}`),
    ]);
    return { kind: "record", entries };
  };
  const leafOf = (each: unknown, place: string): Form => {
    check(each, place);
    if (!(each instanceof tf.Tensor)) return { kind: "value", value: each };
    const type = `${each.dtype} ${each.shape.join("×")}`;
    return { kind: "tensor", index: tensors.push(each) - 1, type };
  };
  return { form: formOf(value, name), tensors };
}

/** Puts a structure together with other tensors. */
export function putTogether(form: Form, tensors: readonly Tensor[]): unknown {
  switch (form.kind) {
    case "tensor":
      return tensors[form.index];
    case "value":
      return form.value;
    case "list":
      return form.items.map((item) => putTogether(item, tensors));
    case "record":
      return Object.fromEntries(
        form.entries.map(([key, item]) => [key, putTogether(item, tensors)]),
      );
  }
}

/** Whether two forms are the same: shapes, dtypes, and what is no tensor. */
export function sameForm(a: Form, b: Form): boolean {
  if (a.kind === "tensor") return b.kind === "tensor" && a.type === b.type;
  if (a.kind === "value") return b.kind === "value" && Object.is(a.value, b.value);
  if (a.kind === "list") {
    const isAs = (item: Form, i: number) => sameForm(item, (b as typeof a).items[i]!);
    return b.kind === "list" && a.items.length === b.items.length && a.items.every(isAs);
  }
  if (b.kind !== "record" || a.entries.length !== b.entries.length) return false;
  return a.entries.every(([key, item], i) => {
    const [otherKey, other] = b.entries[i]!;
    return key === otherKey && sameForm(item, other);
  });
}

/** Whether an object is nothing but its fields. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // A notebook's cells have an `Object` of their own.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
