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
  options: Options,
  known: OwnOptions<Options>,
): Layer {
  const given = options === undefined ? ({} as Options) : options; // what is missing is said by name
  checkOptions(layer.className, given, known);
  return new layer(given);
}

/** The same for a class that is derived from tfjs' own and takes a configuration. */
export function makeFrom<Options extends CommonLayerOptions>(
  layer: LayerClass & { className: string },
  options: Options,
  known: OwnOptions<Options>,
): Layer {
  const given = options === undefined ? ({} as Options) : options;
  checkOptions(layer.className, given, known);
  return new layer({ ...given } as Config);
}

function checkOptions<Options extends CommonLayerOptions>(
  className: string,
  options: Options,
  known: OwnOptions<Options>,
): void {
  const all = { ...known, ...commonLayerOptions } as KnownOptions<Options>;
  rejectUnknownOptions(options, all, className);
  checkCommonLayerOptions(options);
  registerLayers();
}
