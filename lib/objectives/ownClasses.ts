/** What losses and metrics of a user's own classes are called, and what they follow from. */
import { classToSnakeCase } from "../tfjs";

/** Keras' name for an object of a class that was given none. */
export function titleOfClass({ className }: { className: string }): string {
  return classToSnakeCase(className ?? "");
}

/** The text of the class, and the settings. */
export function describedObjective(own: object & { getConfig(): object }): object {
  return { class: String(own.constructor), config: own.getConfig() };
}
