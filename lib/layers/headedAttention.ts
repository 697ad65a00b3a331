/** What attention in heads has, however many heads share their keys and values. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean, checkNumber, checkWhole } from "../checks";
import type { KeySource } from "../engine";
import { invalidArgument } from "../errors";
import type {
  ArrangedCall,
  CallArguments,
  Config,
  Masks,
  RegularizesParts,
  Shape,
  TakesArguments,
} from "../tfjs";
import { regularizePart, tf } from "../tfjs";
import { type AttentionEquations, attendByKernel, attendByScores } from "./attend";
import {
  arrangeAttention,
  callArguments,
  givenMasks,
  isSymbolic,
  type MaskName,
  masksOfInputs,
  partsOfCall,
} from "./attentionCall";
import { Dropout } from "./dropout";
import { ProjectingLayer, type Projection, type ProjectionOptions, project } from "./einsumDense";
import { visibility } from "./visibility";

/** What attention in heads takes, however many keys they share. */
export interface HeadOptions extends ProjectionOptions {
  /** Share of the attention that is dropped while training. @default 0 */
  dropout?: number;
  /** Whether projections have biases. @default true */
  useBias?: boolean;
  /** Whether a projection of the query, brought to (0, 1), is multiplied by what is attended to. @default false */
  useGate?: boolean;
  /** How far keys may be from the query, plus 1. @default any distance */
  slidingWindow?: number | null;
  /** Any integer: equal seeds drop equal shares. @default one of its own, from `setSeed`'s */
  seed?: number | null;
}

/** A dropout for the shares of a layer; none where nothing is dropped. */
export function dropoutOf(name: string, { dropout: rate = 0, seed }: HeadOptions) {
  return rate === 0 ? undefined : new Dropout({ name: `${name}_dropout`, rate, seed });
}

/** Attends in heads; a class says how its inputs are projected. */
export abstract class HeadedAttention
  extends ProjectingLayer
  implements TakesArguments, RegularizesParts
{
  readonly regularizesOutput: boolean = false;
  readonly callArguments = callArguments;
  protected projections!: Record<"query" | "key" | "value" | "output", Projection> & {
    gate?: Projection;
  };
  protected equations!: AttentionEquations;
  /** The call that is made, for the shape of what it gives. */
  protected arranged: CallArguments = {};
  private readonly dropout: Dropout | undefined;
  private readonly slidingWindow: number | null;

  constructor(options: HeadOptions) {
    checkHeads(options);
    super(options as ProjectionOptions & Config);
    this.supportsMasking = false; // tfjs would want a mask for each output
    this.inputSpec = [];
    this.slidingWindow = options.slidingWindow ?? null;
    this.dropout = dropoutOf(this.name, options);
  }

  /** The masks that a call may be given by name. */
  protected get masks(): readonly MaskName[] {
    return ["queryMask", "valueMask", "keyMask", "attentionMask"];
  }

  /** Those of query, value and key, of which the ones that a call was given come first. */
  protected masksOfCall(inputs: Tensor[], kwargs: CallArguments): Masks {
    const along = masksOfInputs(kwargs);
    return givenMasks(inputs, kwargs).map((mask, i) => mask ?? along[i]);
  }

  /** Features of queries and keys, in each head. */
  protected abstract get featuresOfHead(): number;

  /** Keys or values for each head of queries. */
  protected abstract shared(heads: Tensor): Tensor;

  /** Hands out the keys for what is dropped; none where nothing is. */
  get keys(): KeySource | undefined {
    return this.dropout?.keys;
  }

  arrangeCall(call: ArrangedCall): ArrangedCall {
    const arranged = arrangeAttention(call, { title: this.getClassName(), masks: this.masks });
    if (!this.built || isSymbolic(arranged)) this.arranged = arranged.kwargs;
    return arranged;
  }

  /** The shapes of a call's parts, which fit together. */
  protected shapesOf(inputShape: Shape | Shape[]) {
    const shapes = partsOfCall(inputShape as Shape[], this.arranged);
    checkShapes(shapes);
    return shapes;
  }

  /** Computes the layer's output, with the scores where they are asked for; the caller disposes them. */
  override call(inputs: Tensor | Tensor[], kwargs: CallArguments = {}): Tensor | Tensor[] {
    return tf.tidy(() => {
      const list = inputs as Tensor[];
      const { query, value, key, attentionMask } = partsOfCall(list, kwargs);
      const { projections, equations, dropout, slidingWindow } = this;
      const returnsScores = kwargs.returnAttentionScores === true;
      const projectTo = (input: Tensor, to: Projection) => regularizePart(this, project(input, to));
      const projected = {
        query: projectTo(query, projections.query),
        key: this.shared(projectTo(key, projections.key)),
        value: this.shared(projectTo(value, projections.value)),
        mask: visibility({
          ...{ query, value, attentionMask, slidingWindow, masks: this.masksOfCall(list, kwargs) },
          useCausalMask: kwargs.useCausalMask === true,
        }),
        scale: 1 / Math.sqrt(this.featuresOfHead),
      };
      const isPlain = dropout === undefined && !returnsScores && projected.query.rank === 4;
      const drop = (shares: Tensor) => dropout?.call(shares, kwargs) ?? shares;
      const { output, shares } = isPlain
        ? { output: attendByKernel(projected), shares: undefined }
        : attendByScores({ ...projected, equations, drop });
      const { gate } = projections;
      const gateOf = (to: Projection) => regularizePart(this, tf.sigmoid(project(query, to)));
      const attended = gate ? tf.mul(output, gateOf(gate)) : output;
      const result = projectTo(attended, projections.output);
      return shares !== undefined && returnsScores ? [result, shares] : result;
    });
  }
}

function checkHeads(options: HeadOptions): void {
  checkNumber("dropout", options.dropout, { low: 0, high: 1 });
  checkBoolean("useBias", options.useBias);
  checkBoolean("useGate", options.useGate);
  checkWhole("slidingWindow", options.slidingWindow ?? undefined, { low: 1 });
}

/** Refuses inputs that don't fit together. */
function checkShapes({ query, value, key }: Record<"query" | "value" | "key", Shape>): void {
  const isSequence = [query, value, key].every((shape) => Array.isArray(shape) && shape.length > 2);
  const places = (shape: Shape) => shape.slice(1, -1).join();
  if (isSequence && places(value) === places(key)) return;
  throw invalidArgument("inputs", {
    expected: "[query, value] or [query, value, key] of at least 3 axes, as many values as keys",
    received: [query, value, key],
  });
}
