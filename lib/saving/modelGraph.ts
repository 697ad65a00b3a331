/** Calls layers on each other until a Functional model is whole. */
import type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs-node-gpu";
import { describeValue } from "../errors";
import {
  derivedMaskOf,
  type ExplicitMask,
  hasMask,
  isModel,
  type Layer,
  maskLayersOf,
  ownOnce,
  replaceCall,
  trustFunction,
} from "../tfjs";
import type { Call, Reference } from "./calls";
import { ModelFileError } from "./json";
import { derived, type MaskReference } from "./masks";
import { Operation, titleOf } from "./operations";

/** A call of a layer, with the mask that it is given by itself. */
export type GraphCall = Omit<Call, "mask"> & {
  mask: MaskReference | typeof derived | undefined;
};

/** Connects layers call by call, in whatever order the calls become possible. */
export class Graph {
  private readonly layers = new Map<string, Layer>();
  /** Outputs of each call of each layer. */
  private readonly outputs = new Map<string, SymbolicTensor[][]>();
  /** Some kinds of models count their own making as call 0, depending on kind and version of Keras. */
  private readonly firstCalls = new Map<string, number>();

  constructor(private readonly title: string) {}

  addInput(name: string, tensor: SymbolicTensor): void {
    this.claim(name);
    this.outputs.set(name, [[tensor]]);
  }

  addLayer(name: string, layer: Layer): void {
    this.claim(name);
    this.layers.set(name, layer);
    this.outputs.set(name, []);
  }

  /** Makes every call; `outputs` are the references that the model itself makes. */
  run(calls: GraphCall[], outputs: Reference[]): void {
    for (const [name, call] of [...calls.flatMap(needsOf), ...outputs]) {
      this.firstCalls.set(name, Math.min(this.firstCalls.get(name) ?? call, call));
    }
    this.makeAll(calls);
    for (const layer of this.layers.values()) ownOnce(layer);
  }

  /** Makes each call when what it needs is there. Calls of one layer keep their order, since references count them. */
  private makeAll(calls: readonly GraphCall[]): void {
    const queues = new Map<string, GraphCall[]>();
    for (const call of calls) queues.set(call.layer, []);
    for (const call of [...calls].reverse()) queues.get(call.layer)!.push(call);
    /** Layers that can go on, the next one last. */
    const ready = [...queues.keys()].reverse();
    /** By layer, those that wait for one of its outputs. */
    const waiting = new Map<string, string[]>();
    for (let name = ready.pop(); name !== undefined; name = ready.pop()) {
      const queue = queues.get(name)!;
      const next = queue.at(-1);
      if (next === undefined) continue;
      const missing = this.missingFor(next);
      if (missing === undefined) {
        queue.pop();
        this.call(next);
        ready.push(name);
        for (const other of waiting.get(name)?.reverse() ?? []) ready.push(other);
        waiting.delete(name);
      } else {
        const others = waiting.get(missing[0]) ?? [];
        others.push(name);
        waiting.set(missing[0], others);
      }
    }
    const stuck = calls.find((call) => queues.get(call.layer)!.at(-1) === call);
    if (stuck === undefined) return;
    throw new ModelFileError(
      `${this.title} can't be connected: "${stuck.layer}" waits for ${describeValue(this.missingFor(stuck))}, which nothing makes`,
    );
  }

  tensor(reference: Reference): SymbolicTensor {
    const tensor = this.lookUp(reference);
    if (tensor !== undefined) return tensor;
    throw new ModelFileError(`${this.title} has no tensor ${describeValue(reference)}`);
  }

  /** Refuses a mask of a layer with weights on which no output depends: the model wouldn't have that layer. */
  checkMasks(model: LayersModel): void {
    for (const layer of maskLayersOf(model)) {
      if (layer instanceof Operation) continue;
      throw new ModelFileError(
        `${this.title}: a mask comes from the layer "${layer.name}", on which no output depends, which is not supported`,
      );
    }
  }

  /** The first thing that a call needs and that isn't there yet. */
  private missingFor(call: GraphCall): Reference | undefined {
    return needsOf(call).find((reference) => this.lookUp(reference) === undefined);
  }

  private lookUp([name, call, output]: Reference): SymbolicTensor | undefined {
    const layer = this.layers.get(name);
    const first = layer !== undefined && isModel(layer) ? (this.firstCalls.get(name) ?? 0) : 0;
    return this.outputs.get(name)?.[call - first]?.[output];
  }

  private call(call: GraphCall): void {
    const { layer: name, inputs, asList, training, mask: given } = call;
    const layer = this.layers.get(name);
    if (layer === undefined) return; // an InputLayer has no inputs
    const tensors = inputs.map((reference) => this.tensor(reference));
    const argument = asList || tensors.length > 1 ? tensors : tensors[0]!;
    const title = titleOf(layer);
    // For single layers Keras notes the default of the call that built the model; for models it is meant.
    const fixed = training === false && isModel(layer) ? fixInference(layer) : undefined;
    const mask = this.explicitMask(given, { input: tensors[0]!, title });
    const kwargs = { ...call.kwargs, ...fixed, ...(mask !== undefined && { mask }) };
    const result = refusing(title, () =>
      layer instanceof Operation ? layer.on(tensors) : layer.apply(argument, kwargs),
    ) as SymbolicTensor | SymbolicTensor[];
    this.outputs.get(name)!.push(Array.isArray(result) ? result : [result]);
  }

  /** The mask of a call, unless it is the one that its input has anyhow. */
  private explicitMask(
    given: GraphCall["mask"],
    { input, title }: { input: SymbolicTensor; title: string },
  ): ExplicitMask | undefined {
    if (given === undefined) return undefined;
    if (given === derived) {
      if (hasMask(input)) return undefined;
      throw new ModelFileError(
        `${title} is called with a mask that operations make, which is not supported`,
      );
    }
    const mask = { ...given, of: this.tensor(given.of) };
    const own = derivedMaskOf(input);
    const isOwn = own?.of === mask.of && own.notEqualTo === mask.notEqualTo && own.any === mask.any;
    return isOwn ? undefined : mask;
  }

  private claim(name: string): void {
    if (this.outputs.has(name)) {
      throw new ModelFileError(`${this.title} has two layers named "${name}"`);
    }
  }
}

function needsOf({ inputs, mask }: GraphCall): Reference[] {
  return mask === undefined || mask === derived ? inputs : [...inputs, mask.of];
}

/** `base(x, training=False)`: the model stays in inference mode while the outer one trains. */
function fixInference(layer: Layer): { training: false } {
  const call = layer.call.bind(layer);
  const inferring: Layer["call"] = (inputs, kwargs) => call(inputs, { ...kwargs, training: false });
  trustFunction(inferring);
  replaceCall(layer, inferring);
  return { training: false };
}

/** Turns what tfjs says against a layer into this room's error. */
export function refusing<T>(title: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof ModelFileError) throw cause;
    throw new ModelFileError(`${title} is refused: ${(cause as Error).message}`, { cause });
  }
}
