/** What two workers send, beside what a ring must. */
import type { Result, Row } from "../report";
import type { Measured, Plan, Seen } from "./plan";

/** Two workers of one side, and how many steps their epochs have. */
export interface Talk extends Measured, Pick<Plan, "side" | "steps"> {
  label: string;
}

/** RMSprop keeps a number for each weight, and both go to the other worker. */
const STATE = 2;

/** Gradients of a step in float32, in megabytes. */
export function gradientMB([first]: readonly Seen[]): number {
  return (4 * first!.parameters) / 1e6;
}

/** What all workers of a side have sent for a step. */
export function wireRow(name: string, title: string, talks: readonly Talk[]): Row {
  const gradients = gradientMB(talks[0]!.seen);
  const results = talks.flatMap(({ label, side, steps, seen, isOwnNetwork }): Result[] => {
    if (!isOwnNetwork) return [];
    const values = seen[0]!.bytes.map((bytes) => bytes / 1e6);
    const all = { label, values };
    if (side === "Keras") return [all];
    const stateMB = (STATE * gradients) / steps;
    return [
      all,
      { label: `${label}; gradients alone`, values: values.map((each) => each - stateMB) },
    ];
  });
  return {
    name,
    title,
    unit: "MB/step",
    results: [{ label: "a ring's minimum", values: [2 * gradients] }, ...results],
    note:
      "Of both workers together, counted by the loopback of a network of their own, headers included. A ring sends 2(n−1)/n " +
      "of the gradients' bytes a worker; the minimum is that of float32. Ours gives the chief's weights and what its optimizer " +
      `keeps to the other once an epoch, of ${talks[0]!.steps} steps here; "gradients alone" is without these bytes, whose number is known.`,
  };
}
