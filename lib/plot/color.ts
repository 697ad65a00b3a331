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
  const mixed = start.map((channel, i) => Math.round(channel + (end[i]! - channel) * share));
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

/** A scale's colours for the bytes 0 to 255. */
export function colorTable(scale: readonly ColorStop[]): [number, number, number][] {
  return Array.from({ length: 256 }, (_, i) => rgbOf(mixScale(scale, i / 255)));
}

/** Black or white, whichever is easier to read on a colour. */
export function textColorOn(background: string): string {
  const [red, green, blue] = rgbOf(background);
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "#1b1f24" : "#ffffff";
}
