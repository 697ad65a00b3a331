/** Our optimizers' updates as TensorFlow's own fused kernels, where one has Keras' formula. */
import type { Variable } from "@tensorflow/tfjs-node-gpu";
import { DType, type KernelAttr } from "../../engine";
import type { GraphBuilder, Output } from "../../graph";
import { Adadelta, Adam, Adamax, type KerasOptimizer, RMSprop, SGD } from "../optimizers";
import type { FusedOptimizer, UpdateContext } from "./optimizerUpdates";

/** A kernel for one optimizer: its inputs between the weight and the gradient, in the kernel's order. */
interface Kernel {
  name: string;
  /** Names of the slots, in the kernel's order; they follow the weight. */
  slots: string[];
  /** Numbers after the slots; `null` is the place of the learning rate. */
  numbers: (Output | null)[];
  attrs?: Record<string, KernelAttr>;
  /** True where the gradient comes before the last number. */
  gradientBeforeLast?: boolean;
}

/** The fused form, or undefined when the optimizer's own formulas are to be traced. */
export function fusedKerasOptimizer(optimizer: KerasOptimizer): FusedOptimizer | undefined {
  const clips = Object.values(optimizer.clipping).some((limit) => limit !== null);
  const kernelOf = clips ? undefined : kernelMaker(optimizer);
  if (kernelOf === undefined) return undefined;
  const slotsOf = (index: number) => optimizer.kernelSlots()[index]!.slots;
  return {
    shared: optimizer.sharedVariables(),
    slots: (index) => Object.values(slotsOf(index)),
    update: (context, { weight, gradient, index }) => {
      const { graph, learningRate, variable } = context;
      const kernel = kernelOf(context);
      const { handle } = variable(weight);
      const slots = kernel.slots.map(
        (slot) =>
          variable(slotsOf(index)[slot] ?? (optimizer as RMSprop).spareMomentum(weight)).handle,
      );
      const inputs = [...kernel.numbers.map((number) => number ?? learningRate), gradient];
      if (kernel.gradientBeforeLast) inputs.splice(-2, 2, gradient, inputs.at(-2)!);
      const attrs = { T: { type: DType.float32 }, use_locking: { bool: false }, ...kernel.attrs };
      const control = [decayed(context, weight, optimizer.weightDecay)];
      return [graph.op(kernel.name, [handle, ...slots, ...inputs], { attrs, control })];
    },
    finish: ({ graph, variable }, after) =>
      optimizer.sharedVariables().map((count) => {
        const target = variable(count);
        return graph.assign(target, scalarOp(graph, "Add", [target.read, graph.float32(1)]), after);
      }),
  };
}

/** What the kernel waits for: the weight's read, and its decay if there is one. */
function decayed(context: UpdateContext, weight: Variable, weightDecay: number | null): Output {
  const { graph, learningRate, variable } = context;
  const { handle, read, shape } = variable(weight);
  if (weightDecay === null) return read;
  const type = { type: DType.float32 };
  const multiply = (a: Output, b: Output) =>
    graph.op("Mul", [a, b], { attrs: { T: type }, shapes: [shape], dtypes: [DType.float32] });
  const loss = multiply(multiply(read, graph.float32(weightDecay)), learningRate);
  return graph.op("AssignSubVariableOp", [handle, loss], {
    attrs: { dtype: type },
    control: [read],
  });
}

function kernelMaker(optimizer: KerasOptimizer): ((context: UpdateContext) => Kernel) | undefined {
  if (optimizer instanceof SGD) return ({ graph }) => sgd(graph, optimizer);
  if (optimizer instanceof RMSprop) return ({ graph }) => rmsprop(graph, optimizer);
  if (optimizer instanceof Adam) return (context) => adam(context, optimizer);
  if (optimizer instanceof Adamax) return (context) => adamax(context, optimizer);
  if (optimizer instanceof Adadelta) {
    return ({ graph }) => ({
      name: "ResourceApplyAdadelta",
      slots: ["accumulatedGrad", "accumulatedDeltaVar"],
      numbers: [null, graph.float32(optimizer.rho), graph.float32(optimizer.epsilon)],
    });
  }
  return undefined; // TensorFlow's Adagrad adds epsilon after the root; it has no Nadam
}

function sgd(graph: GraphBuilder, { momentum, nesterov }: SGD): Kernel {
  if (momentum === 0) {
    return { name: "ResourceApplyGradientDescent", slots: [], numbers: [null] };
  }
  return {
    name: "ResourceApplyKerasMomentum",
    slots: ["momentum"],
    numbers: [null, graph.float32(momentum)],
    gradientBeforeLast: true,
    attrs: { use_nesterov: { bool: nesterov } },
  };
}

function rmsprop(graph: GraphBuilder, { rho, momentum, epsilon, centered }: RMSprop): Kernel {
  return {
    name: centered ? "ResourceApplyCenteredRMSProp" : "ResourceApplyRMSProp",
    slots: [...(centered ? ["averageGradient"] : []), "velocity", "momentum"],
    numbers: [null, graph.float32(rho), graph.float32(momentum), graph.float32(epsilon)],
  };
}

function adam(context: UpdateContext, optimizer: Adam): Kernel {
  const { graph } = context;
  const { beta1, beta2, epsilon, amsgrad } = optimizer;
  const step = stepNumber(context, optimizer);
  return {
    name: amsgrad ? "ResourceApplyAdamWithAmsgrad" : "ResourceApplyAdam",
    slots: ["momentum", "velocity", ...(amsgrad ? ["velocityHat"] : [])],
    numbers: [
      power(graph, beta1, step),
      power(graph, beta2, step),
      null,
      graph.float32(beta1),
      graph.float32(beta2),
      graph.float32(epsilon),
    ],
    attrs: amsgrad ? {} : { use_nesterov: { bool: false } },
  };
}

function adamax(context: UpdateContext, optimizer: Adamax): Kernel {
  const { graph } = context;
  const { beta1, beta2, epsilon } = optimizer;
  return {
    name: "ResourceApplyAdaMax",
    slots: ["momentum", "norm"],
    numbers: [
      power(graph, beta1, stepNumber(context, optimizer)),
      null,
      graph.float32(beta1),
      graph.float32(beta2),
      graph.float32(epsilon),
    ],
  };
}

/** The number of the step, from 1: the optimizer counts finished steps. */
function stepNumber({ graph, variable }: UpdateContext, optimizer: KerasOptimizer): Output {
  const [count] = optimizer.sharedVariables() as [Variable];
  return scalarOp(graph, "Add", [variable(count).read, graph.float32(1)]);
}

function power(graph: GraphBuilder, base: number, exponent: Output): Output {
  return scalarOp(graph, "Pow", [graph.float32(base), exponent]);
}

function scalarOp(graph: GraphBuilder, op: string, inputs: Output[]): Output {
  return graph.op(op, inputs, {
    attrs: { T: { type: DType.float32 } },
    shapes: [[]],
    dtypes: [DType.float32],
  });
}
