/**
 * Optimizer updates as TensorFlow's own fused kernels.
 *
 * One kernel reads the gradient once and writes weight and slots in place; composed from small ops the same takes
 * several passes over memory. Optimizers without an entry here are traced from their own `applyGradients`.
 */
import type { Variable } from "@tensorflow/tfjs-node-gpu";
import { DType } from "../../engine";
import type { GraphBuilder, GraphVariable, Output } from "../../graph";

/** The graph that the updates are added to. */
export interface UpdateContext {
  graph: GraphBuilder;
  learningRate: Output;
  /** The graph's variable for one of tfjs. */
  variable(variable: Variable): GraphVariable;
}

/** One weight with its gradient; `index` is its place among the optimizer's slots. */
export interface WeightGradient {
  weight: Variable;
  gradient: Output;
  index: number;
}

/** How one class of optimizers becomes kernels. */
export interface FusedOptimizer {
  /** The optimizer's state that a step reads or writes. */
  slots(index: number): Variable[];
  /** Adds one weight's update; returns the names of the nodes that must run. */
  update(context: UpdateContext, weight: WeightGradient): string[];
  /** Adds what is done once a step, after the weights; `after` names their nodes. */
  finish?(context: UpdateContext, after: string[]): string[];
  /** State that is not of one weight. */
  shared?: Variable[];
}

type Slot = { variable: Variable };

/** The fields of tfjs' optimizers that are used here; tfjs declares them as protected. */
interface TfjsFields {
  getClassName(): string;
  decay: number;
  momentum: number;
  epsilon: number;
  centered: boolean;
  useNesterov: boolean;
  beta1: number;
  beta2: number;
  accBeta1: Variable;
  accBeta2: Variable;
  accumulations: Slot[];
  accumulatedMeanSquares: Slot[];
  accumulatedMoments: Slot[];
  accumulatedFirstMoment: Slot[];
  accumulatedSecondMoment: Slot[];
}

/** The fused form of an optimizer of tfjs, or undefined when TensorFlow has no kernel of the same formula. */
export function fusedTfjsOptimizer(optimizer: object): FusedOptimizer | undefined {
  const fields = optimizer as TfjsFields;
  switch (fields.getClassName()) {
    case "SGD":
      return sgd();
    case "Momentum":
      return momentum(fields);
    case "RMSProp":
      // tfjs' centred form subtracts epsilon under the root where TensorFlow adds it: it is traced.
      return fields.centered ? undefined : rmsProp(fields);
    case "Adam":
      return adam(fields);
    default:
      return undefined;
  }
}

const FLOAT = { T: { type: DType.float32 }, use_locking: { bool: false } };

function sgd(): FusedOptimizer {
  return {
    slots: () => [],
    update: ({ graph, learningRate, variable }, { weight, gradient }) => {
      const { handle, read } = variable(weight);
      const inputs = [handle, learningRate, gradient];
      return [graph.op("ResourceApplyGradientDescent", inputs, { attrs: FLOAT, control: [read] })];
    },
  };
}

function momentum(fields: TfjsFields): FusedOptimizer {
  const slot = (index: number) => fields.accumulations[index]!.variable;
  return {
    slots: (index) => [slot(index)],
    update: ({ graph, learningRate, variable }, { weight, gradient, index }) => {
      const { handle, read } = variable(weight);
      const inputs = [
        handle,
        variable(slot(index)).handle,
        learningRate,
        gradient,
        graph.float32(fields.momentum),
      ];
      const attrs = { ...FLOAT, use_nesterov: { bool: fields.useNesterov } };
      return [graph.op("ResourceApplyMomentum", inputs, { attrs, control: [read] })];
    },
  };
}

function rmsProp(fields: TfjsFields): FusedOptimizer {
  const meanSquare = (index: number) => fields.accumulatedMeanSquares[index]!.variable;
  const moment = (index: number) => fields.accumulatedMoments[index]!.variable;
  return {
    slots: (index) => [meanSquare(index), moment(index)],
    update: ({ graph, learningRate, variable }, { weight, gradient, index }) => {
      const { handle, read } = variable(weight);
      const inputs = [
        handle,
        variable(meanSquare(index)).handle,
        variable(moment(index)).handle,
        learningRate,
        graph.float32(fields.decay),
        graph.float32(fields.momentum),
        graph.float32(fields.epsilon),
        gradient,
      ];
      return [graph.op("ResourceApplyRMSProp", inputs, { attrs: FLOAT, control: [read] })];
    },
  };
}

function adam(fields: TfjsFields): FusedOptimizer {
  const first = (index: number) => fields.accumulatedFirstMoment[index]!.variable;
  const second = (index: number) => fields.accumulatedSecondMoment[index]!.variable;
  return {
    shared: [fields.accBeta1, fields.accBeta2],
    slots: (index) => [first(index), second(index)],
    update: ({ graph, learningRate, variable }, { weight, gradient, index }) => {
      const { handle, read } = variable(weight);
      const beta2Power = variable(fields.accBeta2).read;
      const inputs = [
        handle,
        variable(first(index)).handle,
        variable(second(index)).handle,
        variable(fields.accBeta1).read,
        beta2Power,
        learningRate,
        graph.float32(fields.beta1),
        graph.float32(fields.beta2),
        tfjsEpsilon(graph, fields.epsilon, beta2Power),
        gradient,
      ];
      const attrs = { ...FLOAT, use_nesterov: { bool: false } };
      return [graph.op("ResourceApplyAdam", inputs, { attrs, control: [read] })];
    },
    finish: ({ graph, variable }, after) =>
      (
        [
          [fields.accBeta1, fields.beta1],
          [fields.accBeta2, fields.beta2],
        ] as const
      ).map(([power, beta]) => {
        const target = variable(power);
        const next = scalarOp(graph, "Mul", [target.read, graph.float32(beta)]);
        return graph.assign(target, next, after);
      }),
  };
}

/** tfjs adds epsilon after the second moment's bias correction, the kernel before it: ε·√(1−β₂ᵗ) makes them equal. */
function tfjsEpsilon(graph: GraphBuilder, epsilon: number, beta2Power: Output): Output {
  const rest = scalarOp(graph, "Sub", [graph.float32(1), beta2Power]);
  return scalarOp(graph, "Mul", [graph.float32(epsilon), scalarOp(graph, "Sqrt", [rest])]);
}

function scalarOp(graph: GraphBuilder, op: string, inputs: Output[]): Output {
  return graph.op(op, inputs, {
    attrs: { T: { type: DType.float32 } },
    shapes: [[]],
    dtypes: [DType.float32],
  });
}
