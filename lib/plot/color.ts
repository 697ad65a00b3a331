/** Arithmetic on colours written as `#rrggbb`. */

/** A pair of a position from 0 to 1 and a colour. */
export type ColorStop = readonly [number, string];

/** Dark blue over green to yellow: even steps to the eye, in grey and for colour-blind readers too. */
export const intensityScale: readonly ColorStop[] = [
  [0, "#440154"],
  [0.125, "#482878"],
  [0.25, "#3e4a89"],
  [0.375, "#31688e"],
  [0.5, "#26828e"],
  [0.625, "#1f9e89"],
  [0.75, "#35b779"],
  [0.875, "#90d743"],
  [1, "#fde725"],
];

/** `#rrggbb` of a colour that CSS writes in figures, if it is one. */
export function hexOf(color: string): string | undefined {
  const text = color.trim().toLowerCase();
  if (/^#[\da-f]{6}$/.test(text)) return text;
  if (/^#[\da-f]{3}$/.test(text)) return text.replaceAll(/[\da-f]/g, "$&$&");
  const channels = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/.exec(text)?.slice(1);
  return channels && hexOfChannels(channels.map((channel) => Math.min(255, Number(channel))));
}

function hexOfChannels(channels: readonly number[]): string {
  return `#${channels.map((each) => Math.round(each).toString(16).padStart(2, "0")).join("")}`;
}

/** Red, green and blue from 0 to 255. */
function rgbOf(color: string): [number, number, number] {
  const value = Number.parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** The colour at a position of a scale, mixed between the two stops around it. */
export function mixScale(scale: readonly ColorStop[], position: number): string {
  const clamped = Math.min(1, Math.max(0, Number.isNaN(position) ? 0 : position));
  const after = Math.max(
    1,
    scale.findIndex(([at]) => at >= clamped),
  );
  const [from, fromColor] = scale[after - 1]!;
  const [to, toColor] = scale[after]!;
  const share = (clamped - from) / (to - from);
  const [start, end] = [rgbOf(fromColor), rgbOf(toColor)];
  return hexOfChannels(start.map((channel, i) => channel + (end[i]! - channel) * share));
}

type ColorTable = readonly (readonly [red: number, green: number, blue: number])[];

/** By their scale: of feature maps each is drawn with the same. */
const tables = new WeakMap<readonly ColorStop[], ColorTable>();

/** A scale's colours for the bytes 0 to 255. */
export function colorTable(scale: readonly ColorStop[]): ColorTable {
  const made =
    tables.get(scale) ?? Array.from({ length: 256 }, (_, i) => rgbOf(mixScale(scale, i / 255)));
  tables.set(scale, made);
  return made;
}

/** Black or white, whichever is easier to read on a colour: the contrast is never below 4.5. */
export function textColorOn(background: string): "#000000" | "#ffffff" {
  return contrast(background, "#000000") >= contrast(background, "#ffffff") ? "#000000" : "#ffffff";
}

/**
 * The contrast of two colours, from 1 to 21.
 *
 * @see https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
 */
export function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [
    number,
    number,
  ];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [red, green, blue] = rgbOf(color).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
