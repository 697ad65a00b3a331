/**
 * The variables that functions have closed over.
 *
 * JavaScript doesn't tell which they are, V8's inspector does, without a debugger: asking takes about a millisecond for
 * a function. Functions share the scope of the file or cell that they are written in, so what they call there is seen
 * through them, too. What a file or a cell of a notebook exports lives on an object, `exports`: all variables of a
 * notebook do (`scripts/kernel/bindings.mjs`).
 */
import { Session } from "node:inspector";

/** Numbers, texts, truth values: what may be compared. By the place of function and scope, and the name. */
export type ClosedOver = ReadonlyMap<string, string>;

interface Remote {
  objectId?: string;
  type: string;
  value?: unknown;
  unserializableValue?: string;
  description?: string;
}

interface Property {
  name: string;
  value?: Remote;
}

/** Objects that the inspector has handed out are freed by this name. */
const GROUP = "convnets";

/** Where a function is handed over. */
const HANDOVER = "__convnetsFunction";

/** Reads the variables; none where Node has no inspector. */
export function closedOver(functions: readonly unknown[]): ClosedOver {
  const values = new Map<string, string>();
  if (functions.length === 0) return values;
  const session = new Session();
  try {
    session.connect();
    functions.forEach((fn, place) => {
      scopesOf(session, fn).forEach((scope, depth) => {
        for (const { name, value } of variablesOf(session, scope)) {
          const text = value && textOf(value);
          if (text !== undefined) values.set(`${place} ${depth} ${name}`, text);
        }
      });
    });
  } finally {
    session.post("Runtime.releaseObjectGroup", { objectGroup: GROUP });
    session.disconnect();
  }
  return values;
}

/** Names of the variables that differ. */
export function changedVariables(before: ClosedOver, now: ClosedOver): string[] {
  const changed = [...now].filter(([key, text]) => before.get(key) !== text);
  return [...new Set(changed.map(([key]) => `the variable "${key.split(" ")[2]}"`))];
}

/** The scopes of a function, from the inside, without the global one. */
function scopesOf(session: Session, fn: unknown): string[] {
  Object.defineProperty(globalThis, HANDOVER, { value: fn, configurable: true });
  try {
    const { result } = ask<{ result: Remote }>(session, "Runtime.evaluate", {
      expression: HANDOVER,
      objectGroup: GROUP,
    });
    if (result.objectId === undefined) return [];
    const { internalProperties = [] } = propertiesOf(session, result.objectId);
    const scopes = internalProperties.find(({ name }) => name === "[[Scopes]]")?.value?.objectId;
    if (scopes === undefined) return [];
    return propertiesOf(session, scopes).result.flatMap(({ value }) =>
      value?.objectId === undefined || value.description === "Global" ? [] : [value.objectId],
    );
  } finally {
    Reflect.deleteProperty(globalThis, HANDOVER);
  }
}

/** What is in a scope, and what is exported there. */
function variablesOf(session: Session, scope: string): Property[] {
  return propertiesOf(session, scope).result.flatMap((property) => {
    const { name, value } = property;
    const isExports = name === "exports" && value?.objectId !== undefined;
    return isExports ? propertiesOf(session, value.objectId!).result : [property];
  });
}

function propertiesOf(
  session: Session,
  objectId: string,
): { result: Property[]; internalProperties?: Property[] } {
  return ask(session, "Runtime.getProperties", { objectId, ownProperties: true });
}

/** Asks for what is answered at once. */
function ask<T>(session: Session, method: string, params: object): T {
  let answer: unknown;
  session.post(method, params, (error, result) => {
    if (error === null) answer = result;
  });
  return (answer ?? { result: [] }) as T;
}

function textOf({ type, value, unserializableValue, description }: Remote): string | undefined {
  if (type === "object" || type === "function" || type === "symbol") return undefined;
  return `${type} ${unserializableValue ?? description ?? String(value)}`;
}
