/** Options that convolutions share: what is allowed, said before tfjs says it in its own words. */
import { checkBoolean, checkOneOf, checkWhole } from "../checks";
import { invalidArgument } from "../errors";
import type { Config } from "../tfjs";
import { perAxis, type Rank } from "./perAxis";
import { dataFormatOf } from "./spatialLayer";

/** A convolution's sizes, with one for each axis. */
export interface Sizes {
  kernelSize: number[];
  strides: number[];
  dilationRate: number[];
}

/** Which options a class of convolutions has besides those that all have. */
interface Kind {
  rank: Rank;
  /** Whether the number of filters is the caller's, and not one for each channel. */
  hasFilters: boolean;
  paddings?: readonly string[];
}

/**
 * Checks what a convolution is made of.
 *
 * @returns The options, with sizes for each axis.
 * @throws InvalidArgumentError for what no convolution of the kind has.
 */
export function convolutionConfig(
  options: Config,
  { rank, hasFilters, paddings = ["valid", "same"] }: Kind,
): Config & Sizes {
  if (hasFilters) checkWhole("filters", options.filters, { low: 1, required: true });
  checkWhole("depthMultiplier", options.depthMultiplier ?? undefined, { low: 1 });
  checkBoolean("useBias", options.useBias ?? undefined);
  checkOneOf("padding", options.padding ?? undefined, paddings);
  const kernelSize = perAxis("kernelSize", options.kernelSize, { rank });
  const strides = perAxis("strides", options.strides, { rank, byDefault: 1 });
  const dilationRate = perAxis("dilationRate", options.dilationRate, { rank, byDefault: 1 });
  const dataFormat = dataFormatOf(options.dataFormat as string | null | undefined);
  return { ...options, kernelSize, strides, dilationRate, dataFormat };
}

/** Refuses strides and gaps at once, of which TensorFlow has no kernel and Keras no layer. */
export function refuseStridesWithGaps({ strides, dilationRate }: Sizes): void {
  if (Math.max(...strides) === 1 || Math.max(...dilationRate) === 1) return;
  throw invalidArgument("dilationRate", {
    expected: `1 where strides are more, which are ${JSON.stringify(strides)}`,
    received: dilationRate,
  });
}
