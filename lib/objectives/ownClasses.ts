/** What losses and metrics of a user's own classes are called, and what they follow from. */
import { ConvnetsError } from "../errors";
import { classToSnakeCase } from "../tfjs";

/**
 * Refuses a class that lacks what every one of its kind has.
 *
 * @param methods Names of the methods that it must have.
 * @throws ConvnetsError naming the class and what is missing.
 */
export function checkOwnClass(
  made: { name: string; className?: unknown; prototype: object },
  methods: readonly string[],
): void {
  const lacks = (what: string) => {
    throw new ConvnetsError(`The class ${made.name || "without a name"} must have ${what}.`);
  };
  if (typeof made.className !== "string" || made.className === "") {
    lacks("a `static className`, the name of Python's class");
  }
  for (const method of methods) {
    if (typeof Reflect.get(made.prototype, method) !== "function") lacks(`a method \`${method}\``);
  }
}

/** Keras' name for an object of a class that was given none. */
export function titleOfClass({ className }: { className: string }): string {
  return classToSnakeCase(className);
}

/** The text of the class, and the settings. */
export function describedObjective(own: object & { getConfig(): object }): object {
  return { class: String(own.constructor), config: own.getConfig() };
}
