/** The optimizers of tfjs as fused kernels. */
import type { Optimizer } from "@tensorflow/tfjs-node-gpu";
import { interceptGradients, type TfjsOptimizer, tfjsOptimizer } from "../tfjs";
import { applyKernel, type FusedOptimizer, scalarOp } from "./fusedOptimizer";

/** The fused form of an optimizer of tfjs, or undefined when TensorFlow has no kernel of the same formula. */
export function fusedTfjsOptimizer(optimizer: Optimizer): FusedOptimizer | undefined {
  const kernels = kernelsOf(tfjsOptimizer(optimizer));
  return kernels && { intercept: (take) => interceptGradients(optimizer, take), ...kernels };
}

type Kernels = Omit<FusedOptimizer, "intercept">;
type Rule<Name extends TfjsOptimizer["rule"]> = Extract<TfjsOptimizer, { rule: Name }>;

function kernelsOf(optimizer: TfjsOptimizer | undefined): Kernels | undefined {
  switch (optimizer?.rule) {
    case "descent":
      return descent();
    case "momentum":
      return withMomentum(optimizer);
    case "rmsprop":
      // tfjs' centred form subtracts epsilon under the root where TensorFlow adds it: it is traced.
      return optimizer.centered ? undefined : rmsprop(optimizer);
    case "adam":
      return adam(optimizer);
    default:
      return undefined;
  }
}

function descent(): Kernels {
  return {
    slots: () => [],
    update: ({ graph, learningRate, variable: of }, { variable, gradient, control }) =>
      applyKernel(graph, "ResourceApplyGradientDescent", {
        inputs: [of(variable).handle, learningRate, gradient],
        control,
      }),
  };
}

function withMomentum({ momentum, nesterov, accumulation }: Rule<"momentum">): Kernels {
  return {
    slots: ({ index }) => [accumulation(index)],
    update: ({ graph, learningRate, variable: of }, use) =>
      applyKernel(graph, "ResourceApplyMomentum", {
        inputs: [
          of(use.variable).handle,
          of(accumulation(use.index)).handle,
          learningRate,
          use.gradient,
          momentum,
        ],
        control: use.control,
        flags: { use_nesterov: nesterov },
      }),
  };
}

function rmsprop(optimizer: Rule<"rmsprop">): Kernels {
  const { decay, momentum, epsilon, meanSquare, moment } = optimizer;
  return {
    slots: ({ index }) => [meanSquare(index), moment(index)],
    update: ({ graph, learningRate, variable: of }, use) =>
      applyKernel(graph, "ResourceApplyRMSProp", {
        inputs: [
          of(use.variable).handle,
          of(meanSquare(use.index)).handle,
          of(moment(use.index)).handle,
          learningRate,
          decay,
          momentum,
          epsilon,
          use.gradient,
        ],
        control: use.control,
      }),
  };
}

function adam(optimizer: Rule<"adam">): Kernels {
  const { beta1, beta2, epsilon, firstMoment, secondMoment } = optimizer;
  const { beta1Power, beta2Power } = optimizer;
  return {
    shared: [beta1Power, beta2Power],
    slots: ({ index }) => [firstMoment(index), secondMoment(index)],
    update: ({ graph, learningRate, variable: of }, use) => {
      const power2 = of(beta2Power).read;
      // tfjs adds epsilon after the second moment's bias correction, the kernel before it: ε·√(1−β₂ᵗ) is equal.
      const rest = scalarOp(graph, "Sqrt", [scalarOp(graph, "Sub", [1, power2])]);
      return applyKernel(graph, "ResourceApplyAdam", {
        inputs: [
          of(use.variable).handle,
          of(firstMoment(use.index)).handle,
          of(secondMoment(use.index)).handle,
          of(beta1Power).read,
          power2,
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
          [beta1Power, beta1],
          [beta2Power, beta2],
        ] as const
      ).map(([power, beta]) => {
        const target = of(power);
        return graph.assign(target, scalarOp(graph, "Mul", [target.read, beta]), after);
      }),
  };
}
