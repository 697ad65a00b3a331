/** What a step makes of variables that stay as they are: made once, and kept in variables of the session. */
import { DType } from "../../tfjs";
import { type GraphBuilder, type GraphNode, nodeName, type Output } from "../graphBuilder";

/** Says of a variable, by the name of its handle, whether it stays as it is while steps run. */
export type IsFixed = (handle: string) => boolean;

/** Ops that show a value in another way. */
const views: ReadonlySet<string> = new Set(["Fill", "Identity", "Reshape"]);

/** Ops that weights are prepared by. */
const computations: ReadonlySet<string> = new Set([
  "AddV2",
  "ConvnetsPackFilter",
  "Mul",
  "Rsqrt",
  "Sub",
]);

/** What a value is made of. */
interface Origin {
  /** Whether of nothing but constants and variables that stay. */
  isFixed: boolean;
  /** Whether of variables. */
  readsVariable: boolean;
  /** Whether by a computation. */
  isComputed: boolean;
}

/** What the values of a graph are made of; as of when they are asked for first. */
export class Origins {
  private readonly known = new Map<GraphNode, Origin>();

  constructor(
    private readonly graph: GraphBuilder,
    private readonly isFixedVariable: IsFixed,
  ) {}

  of(value: Output): Origin {
    const node = this.graph.node(value);
    const known = this.known.get(node) ?? this.find(node);
    this.known.set(node, known);
    return known;
  }

  private find({ op, inputs }: GraphNode): Origin {
    if (op === "ReadVariableOp") {
      return { isFixed: this.isFixedVariable(inputs[0]!), readsVariable: true, isComputed: false };
    }
    if (op === "Const") return { isFixed: true, readsVariable: false, isComputed: false };
    const computes = computations.has(op);
    if (!computes && !views.has(op)) {
      return { isFixed: false, readsVariable: false, isComputed: false };
    }
    const origins = inputs.map((input) => this.of(input));
    return {
      isFixed: origins.every(({ isFixed }) => isFixed),
      readsVariable: origins.some(({ readsVariable }) => readsVariable),
      isComputed: computes || origins.some(({ isComputed }) => isComputed),
    };
  }
}

/**
 * Rewrites `graph` in place, so that steps read what they would compute of fixed variables anew each time.
 *
 * @returns Nodes that make anew what is kept; they must run when variables have been set.
 */
export function keepFixed(graph: GraphBuilder, options: { isFixed: IsFixed }): string[] {
  const origins = new Origins(graph, options.isFixed);
  const usersOf = new Map<Output, GraphNode[]>();
  for (const node of graph.nodes) {
    if (origins.of(node.name).isFixed) continue; // what it makes is kept, if anything
    for (const input of new Set(node.inputs)) {
      const { isFixed, readsVariable, isComputed } = origins.of(input);
      const isKept = isFixed && readsVariable && isComputed && isKeepable(graph, input);
      if (isKept) usersOf.set(input, [...(usersOf.get(input) ?? []), node]);
    }
  }
  return [...usersOf].map(([value, users]) => {
    const name = `${nodeName(value)}/kept`;
    const variable = graph.variable(name, DType.float32, graph.shapeOf(value)!);
    for (const user of users) {
      user.inputs = user.inputs.map((input) => (input === value ? variable.read : input));
    }
    return graph.assign(variable, value);
  });
}

function isKeepable(graph: GraphBuilder, value: Output): boolean {
  const shape = graph.shapeOf(value);
  return graph.dtypeOf(value) === DType.float32 && shape?.every((size) => size >= 0) === true;
}
