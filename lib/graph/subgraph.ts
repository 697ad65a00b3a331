/** Copies a part of a graph into another, as into the body of a function. */
import {
  type GraphBuilder,
  type GraphNode,
  nodeName,
  type Output,
  outputIndex,
} from "./graphBuilder";

/**
 * Copies what `roots` need.
 *
 * @param source The graph to copy from.
 * @param roots Values and nodes of it.
 * @param options.into The graph to copy to.
 * @param options.given Values of `into` that stand for values of `source`; what makes these is not copied.
 * @returns How a copied value, or node, is called in `into`.
 */
export function copySubgraph(
  source: GraphBuilder,
  roots: string[],
  { into, given }: { into: GraphBuilder; given: Map<Output, Output> },
): (value: string) => string {
  const needed = neededNodes(source, roots, given);
  const copies = new Map<string, GraphNode>();
  for (const node of source.nodes) {
    if (!needed.has(node.name)) continue;
    const { op, name, attrs, shapes, dtypes } = node;
    const copy = into.op(op, [], { name, attrs, shapes: [...shapes], dtypes: [...dtypes] });
    copies.set(name, into.node(copy));
  }
  const nameOf = (value: string): string => {
    const index = outputIndex(value);
    const copy = given.get(value) ?? copies.get(nodeName(value))!.name;
    return index === 0 || given.has(value) ? copy : `${copy}:${index}`;
  };
  for (const [name, copy] of copies) {
    const { inputs, control } = source.node(name);
    copy.inputs = inputs.map(nameOf);
    // A given value is there when the copy runs.
    copy.control = control.filter((before) => copies.has(nodeName(before))).map(nameOf);
  }
  return nameOf;
}

/** Names of the nodes that `roots` need, in any order. */
export function neededNodes(
  source: GraphBuilder,
  roots: string[],
  given: Map<Output, Output> = new Map(),
): Set<string> {
  const needed = new Set<string>();
  const open = roots.filter((root) => !given.has(root));
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const { name, inputs, control } = source.node(value);
    if (needed.has(name)) continue;
    needed.add(name);
    open.push(...[...inputs, ...control].filter((input) => !given.has(input)));
  }
  return needed;
}
