/**
 * What a function follows from in JavaScript: the variables that it names, and the objects that they hold.
 *
 * A function sees more of its file than it uses, a loop's counter among it, so only what its text names counts. The
 * user's other functions are looked into, tfjs' and this library's aren't.
 */
import type { NotCompilableError } from "../graph";
import { type ClosedOver, changedVariables, closedOver, variableName } from "./closures";
import { Fields } from "./fields";
import { variablesNamedIn } from "./names";
import { Search } from "./search";
import { inWords } from "./traceAlone";
import type { StepSource } from "./userCode";

/** A function's source as it was at one moment. */
export class Reach {
  readonly source: StepSource;
  /** Why the function can't be watched: it reaches what nobody else can see. Undefined where it can. */
  readonly refusal: NotCompilableError | undefined;
  private readonly fields: Fields;
  private readonly variables: ClosedOver;

  constructor(fn: unknown, optimizers: Iterable<object> = []) {
    const search = new Search();
    search.visit(fn, "");
    this.refusal = search.refusal;
    for (const optimizer of optimizers) search.visit(optimizer, "the optimizer");
    this.source = { watched: search.watched, functions: search.functions, hasUserCode: true };
    this.fields = new Fields(search.watched);
    this.variables = namedVariables(search.functions);
  }

  /** Variables that hold something else since. */
  changedVariables(): string[] {
    const now = namedVariables(this.source.functions);
    return changedVariables({ before: this.variables, now }, { isOnceFree: false });
  }

  /** Whether a variable holds nothing now: what a call puts there, a trace would leave there without a value. */
  mayMakeOnce(): boolean {
    return [...namedVariables(this.source.functions).values()].some(
      (value) => value === undefined || value === null,
    );
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

/** The variables of functions that their own texts name. */
function namedVariables(functions: readonly unknown[]): ClosedOver {
  const names = functions.map(variablesNamedIn);
  return new Map(
    [...closedOver(functions)].filter(([key]) => {
      const [place] = key.split(" ");
      return names[Number(place)]!.has(variableName(key));
    }),
  );
}
