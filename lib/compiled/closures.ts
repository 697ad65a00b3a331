/**
 * The variables that functions have closed over.
 *
 * JavaScript doesn't tell which they are, V8's inspector does, without a debugger: asking takes about a millisecond for
 * a function. Functions share the scope of the file or cell that they are written in, so what they call there is seen
 * through them, too. What a file or a cell of a notebook exports lives on an object, `exports`: all variables of a
 * notebook do (`scripts/kernel/bindings.mjs`).
 */
import { Session } from "node:inspector";

/** What variables hold, by the place of function and scope, and the name. */
export type ClosedOver = ReadonlyMap<string, unknown>;

interface Remote {
  objectId?: string;
  description?: string;
}

interface Properties {
  result: { name: string; value?: Remote }[];
  internalProperties?: { name: string; value?: Remote }[];
}

/** Objects that the inspector has handed out are freed by this name. */
const GROUP = "convnets";

/** Where a function is handed over. */
const HANDOVER = "__convnetsHandover";

/** Reads the variables; none where Node has no inspector. */
export function closedOver(functions: readonly unknown[]): ClosedOver {
  const values = new Map<string, unknown>();
  if (functions.length === 0) return values;
  const session = new Session();
  try {
    session.connect();
    functions.forEach((fn, place) => {
      scopesOf(session, fn).forEach((scope, depth) => {
        for (const [name, value] of variablesOf(scope)) {
          values.set(`${place} ${depth} ${name}`, value);
        }
      });
    });
  } finally {
    session.post("Runtime.releaseObjectGroup", { objectGroup: GROUP });
    session.disconnect();
  }
  return values;
}

/** The name of a variable, by its key. */
export function variableName(key: string): string {
  return key.split(" ")[2]!;
}

/**
 * Variables that hold something else than before: `the variable "scale"`.
 *
 * @param options.isOnceFree Whether an object where nothing was doesn't count: what is made once.
 */
export function changedVariables(
  { before, now }: { before: ClosedOver; now: ClosedOver },
  { isOnceFree }: { isOnceFree: boolean },
): string[] {
  const isOther = (key: string, value: unknown) => {
    const old = before.get(key);
    if (Object.is(old, value)) return false;
    return !isOnceFree || Object(value) !== value || (old !== undefined && old !== null);
  };
  const keys = [...now].filter(([key, value]) => isOther(key, value)).map(([key]) => key);
  return [...new Set(keys.map((key) => `the variable "${variableName(key)}"`))];
}

/** The scopes of a function, from the inside, without the global one: objects with their variables of now. */
function scopesOf(session: Session, fn: unknown): object[] {
  const scopes: object[] = [];
  const take = ({ object }: { object?: object }) => object && scopes.push(object);
  const { internalProperties = [] } = propertiesOf(session, idOf(session, fn));
  const list = internalProperties.find(({ name }) => name === "[[Scopes]]")?.value?.objectId;
  const taking = { objectId: idOf(session, take) };
  for (const { value } of propertiesOf(session, list).result) {
    if (value?.objectId === undefined || value.description === "Global") continue;
    ask(session, "Runtime.callFunctionOn", {
      objectId: value.objectId,
      functionDeclaration: "function (take) { take(this); }",
      arguments: [taking],
    });
  }
  return scopes;
}

/** The inspector's name for a function. */
function idOf(session: Session, fn: unknown): string | undefined {
  Object.defineProperty(globalThis, HANDOVER, { value: fn, configurable: true });
  try {
    const { result } = ask<{ result: Remote }>(session, "Runtime.evaluate", {
      expression: HANDOVER,
      objectGroup: GROUP,
    });
    return result.objectId;
  } finally {
    Reflect.deleteProperty(globalThis, HANDOVER);
  }
}

/** What is in a scope, and what is exported there. */
function variablesOf(scope: object): [name: string, value: unknown][] {
  return valuesOf(scope).flatMap(([name, value]): [string, unknown][] =>
    name === "exports" && isObject(value) ? valuesOf(value) : [[name, value]],
  );
}

/** Whether a value is an object, and no function. */
export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** An object's values, but those that a getter would make. */
function valuesOf(object: object): [name: string, value: unknown][] {
  return Object.entries(Object.getOwnPropertyDescriptors(object)).flatMap(([name, property]) =>
    "value" in property ? [[name, property.value as unknown]] : [],
  );
}

function propertiesOf(session: Session, objectId: string | undefined): Properties {
  if (objectId === undefined) return { result: [] };
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
