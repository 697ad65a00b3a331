/**
 * Gives an animal another fur.
 *
 * Emoji cats are yellow and emoji dogs brown; with coats drawn alike for both, a network has to look at shapes.
 */
import type { Dice } from "./dice";

/** A fur: its hue in degrees, and what it does to saturation and lightness. */
interface Coat {
  hue: number;
  saturation: number;
  lightness: (value: number) => number;
}

const coats: Coat[] = [
  { hue: 28, saturation: 1, lightness: (l) => l }, // ginger
  { hue: 36, saturation: 0.7, lightness: (l) => l }, // sandy
  { hue: 24, saturation: 0.65, lightness: (l) => l * 0.68 }, // brown
  { hue: 16, saturation: 0.6, lightness: (l) => l * 0.48 }, // chocolate
  { hue: 215, saturation: 0.13, lightness: (l) => l * 0.9 }, // grey
  { hue: 225, saturation: 0.16, lightness: (l) => l * 0.46 }, // black
  { hue: 40, saturation: 0.6, lightness: (l) => l + (1 - l) * 0.5 }, // cream
  { hue: 45, saturation: 0.2, lightness: (l) => l + (1 - l) * 0.68 }, // white
];

/** Draws the animal in the fur that the dice choose, with a little of its own. */
export function inAnotherCoat(body: string, dice: Dice): string {
  const coat = dice.pick(coats);
  const [turn, glow] = [dice.around(8), dice.between(0.88, 1.12)];
  const colours = body.match(/#[0-9a-f]{3}\b(?![0-9a-f])|#[0-9a-f]{6}\b/gi) ?? [];
  const middle = meanHue(colours.map(toHsl));
  return body.replace(/#([0-9a-f]{6}|[0-9a-f]{3})\b/gi, (hex) => {
    const [hue, saturation, lightness] = toHsl(hex);
    if (saturation < 0.1) return hex; // eyes, noses, outlines and teeth stay
    const apart = ((hue - middle + 540) % 360) - 180;
    return toHex(
      coat.hue + turn + apart * 0.55,
      saturation * coat.saturation,
      coat.lightness(lightness) * glow,
    );
  });
}

/** The hue that the saturated colours have on average, as a direction on the colour wheel. */
function meanHue(colours: [number, number, number][]): number {
  let [x, y] = [0, 0];
  for (const [hue, saturation] of colours) {
    x += saturation * Math.cos((hue * Math.PI) / 180);
    y += saturation * Math.sin((hue * Math.PI) / 180);
  }
  return (Math.atan2(y, x) * 180) / Math.PI;
}

function toHsl(hex: string): [hue: number, saturation: number, lightness: number] {
  const digits = hex.length === 4 ? hex.replace(/[0-9a-f]/gi, "$&$&") : hex;
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(digits.slice(at, at + 2), 16) / 255) as [
    number,
    number,
    number,
  ];
  const [high, low] = [Math.max(r, g, b), Math.min(r, g, b)];
  const range = high - low;
  const lightness = (high + low) / 2;
  if (range === 0) return [0, 0, lightness];
  const saturation = range / (1 - Math.abs(2 * lightness - 1));
  const sector =
    high === r ? (g - b) / range : high === g ? 2 + (b - r) / range : 4 + (r - g) / range;
  return [(sector * 60 + 360) % 360, saturation, lightness];
}

function toHex(hue: number, saturation: number, lightness: number): string {
  const l = Math.min(Math.max(lightness, 0.04), 0.97);
  const amount = Math.min(saturation, 1) * Math.min(l, 1 - l);
  const channel = (offset: number) => {
    const k = (offset + (((hue % 360) + 360) % 360) / 30) % 12;
    const value = l - amount * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(value * 255)
      .toString(16)
      .padStart(2, "0");
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}
