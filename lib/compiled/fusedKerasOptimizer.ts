/** This library's optimizers, with Keras' formulas, as fused kernels. */
import type { Tensor, Variable } from "@tensorflow/tfjs-node-gpu";
import { usesGpu } from "../engine";
import {
  Adadelta,
  Adam,
  Adamax,
  type KerasOptimizer,
  RMSprop,
  SGD,
  type Slots,
} from "../optimizers";
import { applyKernel, type FusedOptimizer, scalarOp, type UpdateContext } from "./fusedOptimizer";

type Kernels = Omit<FusedOptimizer, "intercept">;

/**
 * The fused form of an optimizer, or undefined when TensorFlow has no kernel of the same formula, as of
 * Adagrad, Nadam and whatever averages weights or gradients.
 *
 * Clipping, weight decay and the count of steps are traced from the optimizer itself; only the update of a weight
 * is the kernel's.
 */
export function fusedKerasOptimizer(optimizer: KerasOptimizer): FusedOptimizer | undefined {
  const kernels = kernelsOf(optimizer);
  return kernels && { intercept: (take) => intercept(optimizer, take), ...kernels };
}

function intercept(
  optimizer: KerasOptimizer,
  take: (weight: { name: string; index: number }, gradient: Tensor) => void,
): () => void {
  const order = optimizer.kernelSlots().map(({ variable }) => variable);
  const updateStep = (variable: Variable, gradient: Tensor) =>
    take({ name: variable.name, index: order.indexOf(variable) }, gradient);
  Object.assign(optimizer, { updateStep });
  // The class's own method comes back.
  return () => Reflect.deleteProperty(optimizer, "updateStep");
}

function kernelsOf(optimizer: KerasOptimizer): Kernels | undefined {
  const { useEma, gradientAccumulationSteps } = optimizer.averaging;
  // What comes after the update, or instead of it, is traced, and so must be the update itself.
  if (useEma || gradientAccumulationSteps !== null) return undefined;
  const all = new Map(optimizer.kernelSlots().map(({ variable, slots }) => [variable, slots]));
  const slotsOf = (variable: Variable) => all.get(variable)!;
  if (optimizer instanceof SGD) return sgd(optimizer, slotsOf);
  if (optimizer instanceof RMSprop) return rmsprop(optimizer, slotsOf);
  if (optimizer instanceof Adam) return adam(optimizer, slotsOf);
  if (optimizer instanceof Adamax) return adamax(optimizer, slotsOf);
  if (optimizer instanceof Adadelta) return adadelta(optimizer, slotsOf);
  return undefined;
}

type SlotsOf = (variable: Variable) => Slots;

function sgd({ momentum, nesterov }: SGD, slotsOf: SlotsOf): Kernels {
  return {
    slots: ({ variable }) => Object.values(slotsOf(variable)),
    update: ({ graph, learningRate, variable: of }, { variable, gradient, control }) => {
      const weight = of(variable).handle;
      if (momentum === 0) {
        const inputs = [weight, learningRate, gradient];
        return applyKernel(graph, "ResourceApplyGradientDescent", { inputs, control });
      }
      return applyKernel(graph, "ResourceApplyKerasMomentum", {
        inputs: [weight, of(slotsOf(variable).momentum!).handle, learningRate, gradient, momentum],
        control,
        flags: { use_nesterov: nesterov },
      });
    },
  };
}

function rmsprop(optimizer: RMSprop, slotsOf: SlotsOf): Kernels {
  const { momentum, centered } = optimizer;
  const isPlain = momentum === 0 && !centered;
  return isPlain && !usesGpu()
    ? plainRmsprop(optimizer, slotsOf)
    : rmspropWithMomentum(optimizer, slotsOf);
}

/** With a kernel of this library's (`lib/native/session/rmsprop.cc`), which needs no memory for a momentum. */
function plainRmsprop({ rho, epsilon }: RMSprop, slotsOf: SlotsOf): Kernels {
  return {
    slots: ({ variable }) => Object.values(slotsOf(variable)),
    update: ({ graph, learningRate, variable: of }, { variable, gradient, control }) => {
      const [weight, velocity] = [of(variable), of(slotsOf(variable).velocity!)];
      const numbers = [learningRate, graph.float32(rho), graph.float32(epsilon)];
      const attrs = { dtype: { type: weight.dtype } };
      // Read again: a weight that decays has changed since the step began.
      const decayed = graph.op("ReadVariableOp", [weight.handle], { attrs, control });
      const inputs = [decayed, velocity.read, gradient, ...numbers];
      const step = graph.op("ConvnetsRMSprop", inputs);
      const moved = graph.assign(velocity, `${step}:1`, [velocity.read]);
      return graph.assign(weight, step, [moved]);
    },
  };
}

function rmspropWithMomentum(optimizer: RMSprop, slotsOf: SlotsOf): Kernels {
  const { rho, momentum, epsilon, centered } = optimizer;
  const momentumOf = (variable: Variable) =>
    slotsOf(variable).momentum ?? optimizer.spareMomentum(variable);
  return {
    slots: ({ variable }) => [
      ...new Set([...Object.values(slotsOf(variable)), momentumOf(variable)]),
    ],
    update: ({ graph, learningRate, variable: of }, { variable, gradient, control }) => {
      const { velocity, averageGradient } = slotsOf(variable);
      const inputs = [
        of(velocity!).handle,
        of(momentumOf(variable)).handle,
        learningRate,
        rho,
        momentum,
        epsilon,
        gradient,
      ];
      const weight = of(variable).handle;
      return centered
        ? applyKernel(graph, "ResourceApplyCenteredRMSProp", {
            inputs: [weight, of(averageGradient!).handle, ...inputs],
            control,
          })
        : applyKernel(graph, "ResourceApplyRMSProp", { inputs: [weight, ...inputs], control });
    },
  };
}

/** `base` to the power of the current step's number. */
function power({ graph, variable: of }: UpdateContext, base: number, count: Variable): string {
  return scalarOp(graph, "Pow", [base, scalarOp(graph, "Add", [of(count).read, 1])]);
}

function adam(optimizer: Adam, slotsOf: SlotsOf): Kernels {
  const { beta1, beta2, epsilon, amsgrad } = optimizer;
  const [count] = optimizer.sharedVariables();
  return {
    slots: ({ variable }) => Object.values(slotsOf(variable)),
    update: (context, { variable, gradient, control }) => {
      const { graph, learningRate, variable: of } = context;
      const { momentum, velocity, velocityHat } = slotsOf(variable);
      const inputs = [
        power(context, beta1, count!),
        power(context, beta2, count!),
        learningRate,
        beta1,
        beta2,
        epsilon,
        gradient,
      ];
      const handles = [of(variable).handle, of(momentum!).handle, of(velocity!).handle];
      return amsgrad
        ? applyKernel(graph, "ResourceApplyAdamWithAmsgrad", {
            inputs: [...handles, of(velocityHat!).handle, ...inputs],
            control,
          })
        : applyKernel(graph, "ResourceApplyAdam", {
            inputs: [...handles, ...inputs],
            control,
            flags: { use_nesterov: false },
          });
    },
  };
}

function adamax(optimizer: Adamax, slotsOf: SlotsOf): Kernels {
  const { beta1, beta2, epsilon } = optimizer;
  const [count] = optimizer.sharedVariables();
  return {
    slots: ({ variable }) => Object.values(slotsOf(variable)),
    update: (context, { variable, gradient, control }) => {
      const { graph, learningRate, variable: of } = context;
      const { momentum, norm } = slotsOf(variable);
      return applyKernel(graph, "ResourceApplyAdaMax", {
        inputs: [
          of(variable).handle,
          of(momentum!).handle,
          of(norm!).handle,
          power(context, beta1, count!),
          learningRate,
          beta1,
          beta2,
          epsilon,
          gradient,
        ],
        control,
      });
    },
  };
}

function adadelta({ rho, epsilon }: Adadelta, slotsOf: SlotsOf): Kernels {
  return {
    slots: ({ variable }) => Object.values(slotsOf(variable)),
    update: ({ graph, learningRate, variable: of }, { variable, gradient, control }) => {
      const { accumulatedGrad, accumulatedDeltaVar } = slotsOf(variable);
      return applyKernel(graph, "ResourceApplyAdadelta", {
        inputs: [
          of(variable).handle,
          of(accumulatedGrad!).handle,
          of(accumulatedDeltaVar!).handle,
          learningRate,
          rho,
          epsilon,
          gradient,
        ],
        control,
      });
    },
  };
}
