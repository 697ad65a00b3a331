/** What a step would take on many machines with networks of some speeds, reckoned from a step measured on this one. */
import type { Row } from "../report";

/** What was measured of a step. */
export interface MeasuredStep {
  /** Of one machine alone, on a whole share. */
  stepMs: number;
  /** CPU time that a worker of two spends on talking to the other. */
  handlingMs: number;
  /** Gradients that a step sums up, in megabytes. */
  gradientMB: number;
}

/** A network between machines. */
export interface Network {
  /** Of each machine, in each direction at once. */
  gigabits: number;
  /** From the end of one machine's message until the next machine has it. */
  latencyMs: number;
}

/** How many machines. */
export const MACHINES = [8, 16, 32, 64];

/** Ethernets as they are sold. */
export const NETWORKS: readonly Network[] = [1, 10, 25, 100].map((gigabits) => ({
  gigabits,
  latencyMs: 0.2,
}));

/** Megabytes that a network of a gigabit per second carries in a millisecond. */
const MB_PER_MS = 0.125;

/**
 * A step of machines in a ring, each with a share as large as the measured step's. Nothing is taken to overlap, so a real
 * step may be faster.
 */
export function simulatedMs(
  machines: number,
  { stepMs, handlingMs, gradientMB }: MeasuredStep,
  { gigabits, latencyMs }: Network,
): number {
  // Of two machines each sends its gradients once; of many, almost twice.
  const sent = (2 * (machines - 1)) / machines;
  const wireMs = (sent * gradientMB) / (gigabits * MB_PER_MS);
  return stepMs + sent * handlingMs + wireMs + 2 * (machines - 1) * latencyMs;
}

const MODEL =
  "Reckoned, not measured: no network of machines was at hand. A step of n machines is a step of one, measured here, and " +
  "2(n−1)/n times the CPU time that a worker of two spends on talking (measured; taken to run in one thread), and " +
  "2(n−1)/n times the bytes of the gradients at the network's speed, and 2(n−1) messages of 0.2 ms (assumed). Every " +
  "machine has as many examples as the one; nothing overlaps; nobody is slower than others.";

/** A row of all networks and numbers of machines. */
export function simulatedRow(name: string, title: string, measured: MeasuredStep): Row {
  const results = NETWORKS.flatMap((network) =>
    MACHINES.map((machines) => ({
      label: `${network.gigabits} Gbit/s, ${machines} machines`,
      values: [simulatedMs(machines, measured, network)],
    })),
  );
  return {
    name,
    title,
    unit: "ms/step, simulated",
    results: [{ label: "1 machine", values: [measured.stepMs] }, ...results],
    note: MODEL,
  };
}
