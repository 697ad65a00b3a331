/** How attention layers are called: on a query, a value and maybe a key, with arguments by name. */
import type { SymbolicTensor, Tensor } from "@tensorflow/tfjs-node-gpu";
import { checkBoolean } from "../checks";
import { InvalidArgumentError, invalidArgument } from "../errors";
import { type ArrangedCall, type CallArguments, type Masks, runsInModel, tf } from "../tfjs";

/** What a call is told by name, besides `training` and `mask`. */
const named = ["attentionMask", "useCausalMask", "returnAttentionScores"] as const;

const isTensor = (value: unknown): value is Tensor | SymbolicTensor =>
  value instanceof tf.Tensor || value instanceof tf.SymbolicTensor;

/** Which input is which: the first are `query`, `value` and `key`, unless a file has them in another order. */
type InputName = "query" | "value" | "key" | "attentionMask";

const inOrder: readonly InputName[] = ["query", "value", "key"];

/**
 * Checks a call. A mask of the scores becomes the last input, and `inputNames` says which input is which.
 *
 * @param options.masksScores Whether the layer takes such a mask.
 */
export function arrangeAttention(
  { inputs, kwargs }: ArrangedCall,
  { title, masksScores }: { title: string; masksScores: boolean },
): ArrangedCall {
  if (kwargs.inputNames !== undefined) return { inputs, kwargs };
  const known = [...named.slice(masksScores ? 0 : 1), "mask", "training"];
  for (const name of Object.keys(kwargs)) {
    if (known.includes(name) || runsInModel()) continue;
    throw new InvalidArgumentError(
      `A call of ${title} has no argument \`${name}\`. Allowed: ${known.join(", ")}`,
    );
  }
  for (const name of ["useCausalMask", "returnAttentionScores"]) checkBoolean(name, kwargs[name]);
  if (inputs.length !== 2 && inputs.length !== 3) {
    throw invalidArgument("inputs", {
      expected: "[query, value] or [query, value, key]",
      received: inputs,
    });
  }
  const { attentionMask, ...others } = kwargs;
  const inputNames = inOrder.slice(0, inputs.length);
  if (attentionMask === undefined || attentionMask === null) {
    return { inputs, kwargs: { ...others, inputNames } };
  }
  if (!isTensor(attentionMask)) {
    throw invalidArgument("attentionMask", {
      expected: "a tensor, true where a query may look at a key",
      received: attentionMask,
    });
  }
  inputNames.push("attentionMask");
  return { inputs: [...inputs, attentionMask], kwargs: { ...others, inputNames } };
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

/** The masks of query, value and key; that of a key only where one was given. */
export function masksOfCall(kwargs: CallArguments): Masks {
  const given = [kwargs.mask as Masks | Tensor | null | undefined].flat();
  const names = (kwargs.inputNames ?? inOrder) as readonly string[];
  return inOrder.map((name) => given[names.indexOf(name)] ?? undefined);
}

/** What is kept of a call in a model; `namedFrom` is the first input that a file gives by its name. */
export const callArguments: readonly string[] = ["inputNames", "namedFrom", ...named.slice(1)];
