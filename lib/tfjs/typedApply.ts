/**
 * What a layer's call gives, in types: a symbolic tensor for a symbolic one, a tensor for a tensor.
 *
 * tfjs declares that it may be either, one or several, so that every call would need a cast. A layer of several outputs
 * says so: `apply<tf.SymbolicTensor[]>(x)` or `apply<tf.Tensor[]>(x)`. Four classes declare `apply` themselves.
 */
import type { SymbolicTensor, Tensor } from "@tensorflow/tfjs-node-gpu";

/** What is put together to a model. */
type Symbolic = SymbolicTensor | SymbolicTensor[];

/** What a call is told besides: `training`, `mask`, … */
interface CallOptions {
  [name: string]: unknown;
}

declare module "@tensorflow/tfjs-layers/dist/engine/topology" {
  interface Layer {
    apply(inputs: Symbolic, kwargs?: CallOptions): SymbolicTensor;
    apply<Outputs extends SymbolicTensor[]>(inputs: Symbolic, kwargs?: CallOptions): Outputs;
    apply(inputs: Tensor | Tensor[], kwargs?: CallOptions): Tensor;
    apply<Outputs extends Tensor[]>(inputs: Tensor | Tensor[], kwargs?: CallOptions): Outputs;
  }
}

declare module "@tensorflow/tfjs-layers/dist/engine/input_layer" {
  interface InputLayer {
    apply(inputs: Symbolic, kwargs?: CallOptions): SymbolicTensor;
    apply<Outputs extends SymbolicTensor[]>(inputs: Symbolic, kwargs?: CallOptions): Outputs;
    apply(inputs: Tensor | Tensor[], kwargs?: CallOptions): Tensor;
    apply<Outputs extends Tensor[]>(inputs: Tensor | Tensor[], kwargs?: CallOptions): Outputs;
  }
}

declare module "@tensorflow/tfjs-layers/dist/layers/recurrent" {
  interface RNN {
    apply(inputs: Symbolic, kwargs?: CallOptions): SymbolicTensor;
    apply<Outputs extends SymbolicTensor[]>(inputs: Symbolic, kwargs?: CallOptions): Outputs;
    apply(inputs: Tensor | Tensor[], kwargs?: CallOptions): Tensor;
    apply<Outputs extends Tensor[]>(inputs: Tensor | Tensor[], kwargs?: CallOptions): Outputs;
  }
}

declare module "@tensorflow/tfjs-layers/dist/layers/wrappers" {
  interface Bidirectional {
    apply(inputs: Symbolic, kwargs?: CallOptions): SymbolicTensor;
    apply<Outputs extends SymbolicTensor[]>(inputs: Symbolic, kwargs?: CallOptions): Outputs;
    apply(inputs: Tensor | Tensor[], kwargs?: CallOptions): Tensor;
    apply<Outputs extends Tensor[]>(inputs: Tensor | Tensor[], kwargs?: CallOptions): Outputs;
  }
}
