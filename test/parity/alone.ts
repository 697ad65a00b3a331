/** One layer by itself: small inputs for it, something before it, and a dense layer after it. */
import { type Case, type Config, type LayerSpec, layer, makeCase, stack } from "./description";

export const head = (): LayerSpec[] => [layer("Flatten"), layer("Dense", { units: 2 })];

/** A layer on inputs of that shape, with a dense layer after it. */
export function alone(name: string, shape: number[], body: LayerSpec[]): Case {
  const end = givesVectors(shape, body.at(-1)!) ? [layer("Dense", { units: 2 })] : head();
  return makeCase(name, stack(shape, [...body, ...end]));
}

function givesVectors(shape: number[], { kind, config, inner }: LayerSpec): boolean {
  if (kind === "Bidirectional") return givesVectors(shape, inner!);
  if (/RNN|GRU|LSTM/.test(kind)) return config.returnSequences !== true;
  return kind.startsWith("Global") || (shape.length === 1 && kind !== "RepeatVector");
}

const title = (kind: string, config: Config, shape: number[]) =>
  `${kind} ${JSON.stringify(config)} on [${shape}]`;

/** One case for each set of options. */
export function withOptions(kind: string, shape: number[], base: Config, each: Config[]): Case[] {
  return each.map((config) =>
    alone(title(kind, config, shape), shape, [layer(kind, { ...base, ...config })]),
  );
}

/** The same after a dense or convolutional layer, so that gradients go through it. */
export function after(
  kind: string,
  shape: number[],
  each: Config[],
  before: () => LayerSpec,
): Case[] {
  return each.map((config) =>
    alone(title(kind, config, shape), shape, [before(), layer(kind, config)]),
  );
}

export const image = [7, 6, 2];
export const steps = [6, 3];
export const conv = () => layer("Conv2D", { filters: 3, kernelSize: 2, padding: "same" });
export const conv1 = () => layer("Conv1D", { filters: 3, kernelSize: 2, padding: "same" });
export const conv3 = () => layer("Conv3D", { filters: 2, kernelSize: 2, padding: "same" });
export const dense = () => layer("Dense", { units: 5 });
export const unbiased = () =>
  layer("Conv2D", { filters: 3, kernelSize: 3, padding: "same", useBias: false });
