/** Makes a layer of this room from a user's options. */
import { type KnownOptions, rejectUnknownOptions } from "../checks";
import type { Config, Layer, LayerClass } from "../tfjs";
import { type CommonLayerOptions, checkCommonLayerOptions, commonLayerOptions } from "./options";
import { registerLayers } from "./registry";

/** What a layer takes besides what all do. */
type OwnOptions<Options> = KnownOptions<Omit<Options, keyof CommonLayerOptions>>;

/**
 * Checks what all layers take, and makes the layer.
 *
 * @param known The layer's own options.
 * @throws InvalidArgumentError for an option that is unknown or outside what is allowed.
 */
export function make<Options extends CommonLayerOptions, Layer>(
  layer: { new (options: Options): Layer; className: string },
  options: Options | undefined,
  known: OwnOptions<Options>,
): Layer {
  return new layer(checked(layer.className, known, options));
}

/** The same for a class that is derived from tfjs' own and takes a configuration. */
export function makeFrom<Options extends CommonLayerOptions>(
  layer: LayerClass & { className: string },
  options: Options | undefined,
  known: OwnOptions<Options>,
): Layer {
  return new layer({ ...checked(layer.className, known, options) } as Config);
}

/** The options, and none where none are given: what is missing is said by its name. */
function checked<Options extends CommonLayerOptions>(
  className: string,
  known: OwnOptions<Options>,
  options = {} as Options,
): Options {
  const all = { ...known, ...commonLayerOptions } as KnownOptions<Options>;
  rejectUnknownOptions(options, all, className);
  checkCommonLayerOptions(options);
  registerLayers();
  return options;
}
