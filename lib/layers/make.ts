/** Makes a layer of this room from a user's options. */
import { type KnownOptions, rejectUnknownOptions } from "../checks";
import { type CommonLayerOptions, checkCommonLayerOptions, commonLayerOptions } from "./options";
import { registerLayers } from "./registry";

/**
 * Checks what all layers take, and makes the layer.
 *
 * @param known The layer's own options.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 */
export function make<Options extends CommonLayerOptions, Layer>(
  layer: { new (options: Options): Layer; className: string },
  options: Options,
  known: KnownOptions<Omit<Options, keyof CommonLayerOptions>>,
): Layer {
  const all = { ...known, ...commonLayerOptions } as KnownOptions<Options>;
  rejectUnknownOptions(options, all, layer.className);
  checkCommonLayerOptions(options);
  registerLayers();
  return new layer(options);
}
