/**
 * Puts formulas in the place of ops for XLA: of our own ones, of random numbers, which XLA would make others of the same
 * key, and of the movement of pixels, which it lacks.
 */
import type { GraphBuilder, GraphNode, Output } from "../graphBuilder";
import { Formula } from "./formula";
import { normalNumbers, uniformNumbers } from "./spelledDraws";
import { movedPixels } from "./spelledMoves";

/** What stands for a node's outputs, in order. */
type SpellOut = (formula: Formula, node: GraphNode) => Output[];

const spelled: Readonly<Record<string, SpellOut>> = {
  ConvnetsRMSprop: rmsprop,
  ImageProjectiveTransformV3: movedPixels,
  StatelessRandomUniform: uniformNumbers,
  StatelessRandomNormal: normalNumbers,
};

/** Rewrites `graph` in place. */
export function spellOut(graph: GraphBuilder): void {
  const formula = new Formula(graph);
  const others = new Map<Output, Output>();
  for (const node of graph.nodes) {
    const outputs = spelled[node.op]?.(formula, node) ?? [];
    outputs.forEach((output, i) => {
      others.set(i === 0 ? node.name : `${node.name}:${i}`, output);
    });
  }
  if (others.size === 0) return;
  for (const node of graph.nodes) {
    node.inputs = node.inputs.map((input) => others.get(input) ?? input);
  }
}

/** A step of RMSprop as `lib/native/session/rmsprop.cc` computes it. */
function rmsprop(formula: Formula, { inputs }: GraphNode): Output[] {
  const [weight, velocity, gradient, rate, rho, epsilon] = inputs as [
    Output,
    ...[Output, Output, Output, Output, Output],
  ];
  const f = (op: string, ...values: (Output | number)[]) => formula.floats(op, ...values);
  const moved = f(
    "AddV2",
    f("Mul", velocity, rho),
    f("Mul", f("Square", gradient), f("Sub", 1, rho)),
  );
  const step = f("RealDiv", f("Mul", gradient, rate), f("Sqrt", f("AddV2", moved, epsilon)));
  return [f("Sub", weight, step), moved];
}
