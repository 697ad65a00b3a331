/** The optimizers of tfjs as fused kernels. */
import type { Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { applyKernel, type FusedOptimizer, scalarOp, type WeightPlace } from "./fusedOptimizer";

type Slot = { variable: Variable };

/** What tfjs gives to `applyGradients`. */
type NamedGradients = { name: string; tensor: Tensor | null }[] | Record<string, Tensor | null>;

/** The fields of tfjs' optimizers that are used here; tfjs declares them as protected. */
interface TfjsFields {
  getClassName(): string;
  applyGradients(gradients: NamedGradients): void;
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
  const kernels = kernelsOf(fields);
  return kernels && { intercept: (take) => intercept(fields, take), ...kernels };
}

function intercept(
  optimizer: TfjsFields,
  take: (weight: { name: string; index: number }, gradient: Tensor) => void,
): () => void {
  optimizer.applyGradients = (gradients) => {
    const entries = Array.isArray(gradients)
      ? gradients
      : Object.entries(gradients).map(([name, tensor]) => ({ name, tensor }));
    entries.forEach(({ name, tensor }, index) => {
      if (tensor !== null && tensor !== undefined) take({ name, index }, tensor);
    });
  };
  // The class's own method comes back.
  return () => Reflect.deleteProperty(optimizer, "applyGradients");
}

type Kernels = Omit<FusedOptimizer, "intercept">;

function kernelsOf(fields: TfjsFields): Kernels | undefined {
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

function sgd(): Kernels {
  return {
    slots: () => [],
    update: ({ graph, learningRate, variable: of }, { variable, gradient, control }) =>
      applyKernel(graph, "ResourceApplyGradientDescent", {
        inputs: [of(variable).handle, learningRate, gradient],
        control,
      }),
  };
}

function momentum(fields: TfjsFields): Kernels {
  const slot = ({ index }: WeightPlace) => fields.accumulations[index]!.variable;
  return {
    slots: (weight) => [slot(weight)],
    update: ({ graph, learningRate, variable: of }, use) =>
      applyKernel(graph, "ResourceApplyMomentum", {
        inputs: [
          of(use.variable).handle,
          of(slot(use)).handle,
          learningRate,
          use.gradient,
          fields.momentum,
        ],
        control: use.control,
        flags: { use_nesterov: fields.useNesterov },
      }),
  };
}

function rmsProp(fields: TfjsFields): Kernels {
  const meanSquare = ({ index }: WeightPlace) => fields.accumulatedMeanSquares[index]!.variable;
  const moment = ({ index }: WeightPlace) => fields.accumulatedMoments[index]!.variable;
  return {
    slots: (weight) => [meanSquare(weight), moment(weight)],
    update: ({ graph, learningRate, variable: of }, use) =>
      applyKernel(graph, "ResourceApplyRMSProp", {
        inputs: [
          of(use.variable).handle,
          of(meanSquare(use)).handle,
          of(moment(use)).handle,
          learningRate,
          fields.decay,
          fields.momentum,
          fields.epsilon,
          use.gradient,
        ],
        control: use.control,
      }),
  };
}

function adam(fields: TfjsFields): Kernels {
  const first = ({ index }: WeightPlace) => fields.accumulatedFirstMoment[index]!.variable;
  const second = ({ index }: WeightPlace) => fields.accumulatedSecondMoment[index]!.variable;
  const { accBeta1, accBeta2, beta1, beta2, epsilon } = fields;
  return {
    shared: [accBeta1, accBeta2],
    slots: (weight) => [first(weight), second(weight)],
    update: ({ graph, learningRate, variable: of }, use) => {
      const beta2Power = of(accBeta2).read;
      // tfjs adds epsilon after the second moment's bias correction, the kernel before it: ε·√(1−β₂ᵗ) is equal.
      const rest = scalarOp(graph, "Sqrt", [scalarOp(graph, "Sub", [1, beta2Power])]);
      return applyKernel(graph, "ResourceApplyAdam", {
        inputs: [
          of(use.variable).handle,
          of(first(use)).handle,
          of(second(use)).handle,
          of(accBeta1).read,
          beta2Power,
          learningRate,
          beta1,
          beta2,
          scalarOp(graph, "Mul", [epsilon, rest]),
          use.gradient,
        ],
        control: use.control,
        flags: { use_nesterov: false },
      });
    },
    finish: ({ graph, variable: of }, after) =>
      (
        [
          [accBeta1, beta1],
          [accBeta2, beta2],
        ] as const
      ).map(([power, beta]) => {
        const target = of(power);
        return graph.assign(target, scalarOp(graph, "Mul", [target.read, beta]), after);
      }),
  };
}
