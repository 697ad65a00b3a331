/** A sequence gone through from both ends. */
import type { LayerVariable, Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkOneOf } from "../checks";
import { invalidArgument } from "../errors";
import {
  type ArrangedCall,
  activityRegularizerOf,
  type CallArguments,
  type Layer,
  makeLayer,
  regularizeActivityOf,
  type Shape,
  type TakesArguments,
  tf,
} from "../tfjs";
import type { CommonLayerOptions, Config } from "./options";
import { oneShape } from "./plainLayer";
import { RNN } from "./recurrent";
import { described, describing } from "./stackedCells";

const mergeModes = ["concat", "sum", "mul", "ave", null] as const;

/** Options of `layers.bidirectional`. */
export interface BidirectionalOptions extends CommonLayerOptions {
  /** A recurrent layer of this library, `layers.lstm` or the like; a copy of it goes forward. */
  layer: Layer;
  /** What goes backward: a recurrent layer with `goBackwards`. @default a copy of `layer` */
  backwardLayer?: Layer | null;
  /** What becomes of both outputs; null gives one after the other. @default "concat" */
  mergeMode?: "concat" | "sum" | "mul" | "ave" | null;
}

/** Goes through a sequence from both ends, with a layer for each. */
export class Bidirectional extends tf.layers.Layer implements TakesArguments {
  /** Keras' name of the class. */
  static className = "Bidirectional";
  readonly callArguments: readonly string[] = [];
  /** What goes through the sequence from its beginning. */
  readonly forwardLayer: RNN;
  /** What goes through it from its end. */
  readonly backwardLayer: RNN;
  readonly returnSequences: boolean;
  private readonly returnState: boolean;
  private readonly mergeMode: (typeof mergeModes)[number];

  constructor(options: BidirectionalOptions) {
    const { layer, backwardLayer, mergeMode = "concat", ...common } = options;
    checkOneOf("mergeMode", mergeMode, mergeModes);
    super(common as ConstructorParameters<typeof tf.layers.Layer>[0]);
    this.supportsMasking = false; // tfjs would want a mask for each output
    const given = recurrent("layer", described(layer));
    this.forwardLayer = copyOf(given, { name: named("forward", given) });
    this.backwardLayer =
      backwardLayer == null
        ? copyOf(given, { name: named("backward", given), goBackwards: !given.goBackwards })
        : recurrent("backwardLayer", described(backwardLayer));
    checkPair(this.forwardLayer, this.backwardLayer);
    this.mergeMode = mergeMode;
    this.returnSequences = given.returnSequences;
    this.returnState = given.returnState;
    this._stateful = given.stateful;
    for (const each of this.both) each.zeroOutputForMask = this.returnSequences; // as in Keras
  }

  private get both(): RNN[] {
    return this.forwardLayer === undefined ? [] : [this.forwardLayer, this.backwardLayer];
  }

  /** First states that a call is given are inputs, after the sequence: those of the forward layer, then the other's. */
  arrangeCall(call: ArrangedCall): ArrangedCall {
    return this.forwardLayer.arrangeCall(call);
  }

  override build(inputShape: Shape | Shape[]): void {
    for (const each of this.both) if (!each.built) each.build(oneShape(inputShape));
    this.built = true;
  }

  override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
    const shapes = this.forwardLayer.computeOutputShape(inputShape);
    const [output, ...states] = (this.returnState ? shapes : [shapes]) as [Shape, ...Shape[]];
    const { mergeMode } = this;
    const sizes = mergeMode === "concat" ? [...output.slice(0, -1), 2 * output.at(-1)!] : output;
    const outputs = mergeMode === null ? [output, output] : [sizes];
    const all = [...outputs, ...states, ...states];
    return all.length === 1 ? all[0]! : all;
  }

  /** Computes the layer's outputs; the caller disposes them. */
  override call(inputs: Tensor | Tensor[], kwargs: CallArguments = {}): Tensor | Tensor[] {
    return tf.tidy(() => {
      const [sequence, ...states] = [inputs].flat() as [Tensor, ...Tensor[]];
      const half = states.length / 2;
      const { training, mask } = kwargs;
      const passes = this.both.map((layer, i) => {
        const own = states.slice(i * half, (i + 1) * half);
        return [layer.apply<Tensor[]>([sequence, ...own], { training, mask })].flat() as Tensor[];
      });
      const [[forward, ...forwardStates], [last, ...backwardStates]] = passes as [
        [Tensor, ...Tensor[]],
        [Tensor, ...Tensor[]],
      ];
      const backward = this.returnSequences ? tf.reverse(last, 1) : last;
      const all = [...this.merged(forward, backward), ...forwardStates, ...backwardStates];
      return all.length === 1 ? all[0]! : all;
    });
  }

  private merged(forward: Tensor, backward: Tensor): Tensor[] {
    switch (this.mergeMode) {
      case "concat":
        return [tf.concat([forward, backward], forward.rank - 1)];
      case "sum":
        return [tf.add(forward, backward)];
      case "ave":
        return [tf.div(tf.add(forward, backward), 2)];
      case "mul":
        return [tf.mul(forward, backward)];
      case null:
        return [forward, backward];
    }
  }

  /** Brings the states that both layers keep to 0. */
  override resetStates(): void {
    for (const each of this.both) each.resetStates();
  }

  override get trainableWeights(): LayerVariable[] {
    return this.trainable ? this.both.flatMap((layer) => layer.trainableWeights) : [];
  }

  override get nonTrainableWeights(): LayerVariable[] {
    return this.both.flatMap((each) => (this.trainable ? each.nonTrainableWeights : each.weights));
  }

  override setFastWeightInitDuringBuild(value: boolean): void {
    super.setFastWeightInitDuringBuild(value);
    for (const each of this.both) each.setFastWeightInitDuringBuild(value);
  }

  protected override disposeWeights(): number {
    for (const each of this.both) each.freeStates();
    return super.disposeWeights();
  }

  /** The layer's options, as plain data. */
  override getConfig(): Config {
    return {
      ...super.getConfig(),
      layer: describing(this.forwardLayer) as never,
      backwardLayer: describing(this.backwardLayer) as never,
      mergeMode: this.mergeMode,
    };
  }
}

function recurrent(name: string, layer: unknown): RNN {
  if (layer instanceof RNN) return layer;
  throw invalidArgument(name, {
    expected: "a recurrent layer of this library, such as layers.lstm makes",
    received: layer instanceof tf.layers.Layer ? layer.getClassName() : layer,
  });
}

const named = (direction: "forward" | "backward", { name }: Layer) =>
  `${direction}_${name.startsWith(`${direction}_`) ? name.slice(direction.length + 1) : name}`;

/** A fresh layer of the same options. */
function copyOf(layer: RNN, changed: { name: string; goBackwards?: boolean }): RNN {
  const copy = makeLayer(layer.getClassName(), { ...layer.getConfig(), ...changed }) as RNN;
  regularizeActivityOf(copy, activityRegularizerOf(layer));
  return copy;
}

function checkPair(forward: RNN, backward: RNN): void {
  const isAlike = (["returnSequences", "returnState", "stateful"] as const).every(
    (name) => forward[name] === backward[name],
  );
  if (isAlike && forward.goBackwards !== backward.goBackwards) return;
  throw invalidArgument("backwardLayer", {
    expected:
      "a layer of the other direction, with `returnSequences`, `returnState` and `stateful` as the forward one's",
    received: backward.getConfig(),
  });
}
