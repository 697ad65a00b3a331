/** How attention layers are called: on a query, a value and maybe a key, with arguments by name. */
import type { SymbolicTensor, Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean } from "../checks";
import { invalidArgument } from "../errors";
import { type ArrangedCall, type CallArguments, type Masks, tf } from "../tfjs";
import { isTensor, rejectUnknownArguments } from "./callChecks";

/** What a call is told by name that is true or false, besides `training`. */
const flags = ["useCausalMask", "returnAttentionScores"] as const;

/** Which input is which: the first are `query`, `value` and `key`, unless a file has them in another order. */
type Attended = "query" | "value" | "key";
/** A mask that a call is given. */
export type MaskName = `${Attended | "attention"}Mask`;
type InputName = Attended | MaskName;

const inOrder: readonly Attended[] = ["query", "value", "key"];
const maskOf = (name: Attended): MaskName => `${name}Mask`;

/**
 * Checks a call. Masks that it is given become inputs, and `inputNames` says which input is which.
 *
 * @param options.masks Those that the layer takes by name; none where it takes one list, `mask`.
 */
export function arrangeAttention(
  { inputs, kwargs }: ArrangedCall,
  { title, masks }: { title: string; masks: readonly MaskName[] },
): ArrangedCall {
  if (kwargs.inputNames !== undefined) return { inputs, kwargs };
  rejectUnknownArguments(kwargs, { title, known: [...masks, ...flags] });
  for (const name of flags) checkBoolean(name, kwargs[name]);
  if (inputs.length !== 2 && inputs.length !== 3) {
    throw invalidArgument("inputs", {
      expected: "[query, value] or [query, value, key]",
      received: inputs,
    });
  }
  const given = masks.length === 0 ? fromList(kwargs.mask) : fromNames(kwargs, masks);
  const others = Object.entries(kwargs).filter(
    ([name]) => !masks.includes(name as MaskName) && (name !== "mask" || masks.length > 0),
  );
  return {
    inputs: [...inputs, ...given.map(([, mask]) => mask)],
    kwargs: {
      ...Object.fromEntries(others),
      inputNames: [...inOrder.slice(0, inputs.length), ...given.map(([name]) => name)],
    },
  };
}

type GivenMask = [name: MaskName, mask: Tensor | SymbolicTensor];

function fromNames(kwargs: CallArguments, masks: readonly MaskName[]): GivenMask[] {
  return masks.flatMap((name) => {
    const mask = kwargs[name] ?? undefined;
    if (mask === undefined) return [];
    if (isTensor(mask)) return [[name, mask] as GivenMask];
    const what = name === "attentionMask" ? "where a query may look at a key" : "for what counts";
    throw invalidArgument(name, { expected: `a tensor, true ${what}`, received: mask });
  });
}

/** Of the query, the value, and maybe the key, which no layer looks at. */
function fromList(list: unknown): GivenMask[] {
  if (list === undefined || list === null) return [];
  const fits = (mask: unknown) => mask === undefined || mask === null || isTensor(mask);
  if (!Array.isArray(list) || list.length < 2 || list.length > 3 || !list.every(fits)) {
    throw invalidArgument("mask", {
      expected: "[query's mask, value's mask], each a tensor that is true for what counts, or null",
      received: list,
    });
  }
  return inOrder.flatMap((name, i) =>
    isTensor(list[i]) ? [[maskOf(name), list[i]] as GivenMask] : [],
  );
}

/** Whether a call is one in a model, or for one. */
export const isSymbolic = ({ inputs }: ArrangedCall): boolean =>
  inputs.some((input) => input instanceof tf.SymbolicTensor);

/** What a call is about, once it is arranged. */
export interface AttentionCall<Input> {
  query: Input;
  value: Input;
  /** The value where no key was given. */
  key: Input;
  attentionMask: Input | undefined;
}

/** Tells inputs, or their shapes, apart. */
export function partsOfCall<Input>(inputs: Input[], kwargs: CallArguments): AttentionCall<Input> {
  const names = (kwargs.inputNames ?? inOrder) as readonly string[];
  const of = (name: InputName): Input | undefined => inputs[names.indexOf(name)];
  const value = of("value")!;
  return {
    query: of("query")!,
    value,
    key: of("key") ?? value,
    attentionMask: of("attentionMask"),
  };
}

/** The masks of query, value and key that come along with these; that of a key only where one was given. */
export function masksOfInputs(kwargs: CallArguments): Masks {
  const masks = [kwargs.mask as Masks | Tensor | null | undefined].flat();
  const names = (kwargs.inputNames ?? inOrder) as readonly string[];
  return inOrder.map((name) => masks[names.indexOf(name)] ?? undefined);
}

/** The masks of query, value and key that a call was given. */
export function givenMasks(inputs: Tensor[], kwargs: CallArguments): Masks {
  const names = (kwargs.inputNames ?? inOrder) as readonly string[];
  return inOrder.map((name) => {
    const mask = inputs[names.indexOf(maskOf(name))];
    return mask && tf.cast(mask, "bool");
  });
}

/** What is kept of a call in a model; `namedFrom` is the first input that a file gives by its name. */
export const callArguments: readonly string[] = ["inputNames", "namedFrom", ...flags];
