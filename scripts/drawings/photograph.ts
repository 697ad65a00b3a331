/** Makes a photograph of a drawing: camera, grain and JPEG. */
import sharp from "sharp";
import type { Picture } from "../../lib/data";
import { composePicture } from "./compose";
import { Dice } from "./dice";
import { emojiLibrary } from "./emoji";

/** Pictures from this index on are for validation and testing. */
const firstHeldOutIndex = 1000;
/** The share of those that are drawn in styles of which no training picture is. */
const heldOutShare = 0.3;

/**
 * Draws one picture.
 *
 * @returns JPEG bytes; the same for the same picture and the same version of the library and of sharp.
 */
export async function drawPicture({ animal, index, seed }: Picture): Promise<Buffer> {
  const dice = new Dice(seed, animal === "cat" ? 1 : 2, index);
  const svg = composePicture(dice, emojiLibrary(), {
    animal,
    heldOutShare: index < firstHeldOutIndex ? 0 : heldOutShare,
  });
  const { data, info } = await sharp(Buffer.from(svg))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  develop(data, dice);
  const { width, height, channels } = info;
  let photograph = sharp(data, { raw: { width, height, channels } });
  if (dice.chance(0.4)) photograph = photograph.blur(dice.between(0.4, 1.3));
  return photograph.jpeg({ quality: dice.integer(50, 92) }).toBuffer();
}

/**
 * Changes the colours of the whole picture, and adds grain that is nearly normal.
 *
 * Colours go through one matrix: brightness × saturation × a turn of the hue.
 */
function develop(pixels: Buffer, dice: Dice): void {
  const matrix = colourMatrix({
    turn: (dice.around(12) * Math.PI) / 180,
    saturation: dice.between(0.6, 1.15),
    brightness: dice.between(0.72, 1.12),
  });
  const grain = dice.between(3, 16) / 512;
  let state = dice.integer(1, 0x7fffffff);
  for (let i = 0; i < pixels.length; i += 3) {
    const [r, g, b] = [pixels[i]!, pixels[i + 1]!, pixels[i + 2]!];
    for (let channel = 0; channel < 3; channel++) {
      // Three small uniform numbers from one step of an xorshift generator.
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      const sum = (state & 1023) + ((state >>> 10) & 1023) + ((state >>> 20) & 1023);
      const row = channel * 3;
      const colour = matrix[row]! * r + matrix[row + 1]! * g + matrix[row + 2]! * b;
      const value = colour + (sum - 1534.5) * grain;
      pixels[i + channel] = value < 0 ? 0 : Math.min(value, 255);
    }
  }
}

/** @see https://www.w3.org/TR/filter-effects-1/#feColorMatrixElement for the numbers */
function colourMatrix(change: { turn: number; saturation: number; brightness: number }): number[] {
  const weights = [0.213, 0.715, 0.072]; // how bright red, green and blue look
  const sine = [
    [-0.213, -0.715, 0.928],
    [0.143, 0.14, -0.283],
    [-0.787, 0.715, 0.072],
  ];
  const [cos, sin] = [Math.cos(change.turn), Math.sin(change.turn)];
  return sine.flatMap((row, r) =>
    row.map((s, c) => {
      const grey = weights[c]!;
      const turned = cos * ((r === c ? 1 : 0) - grey) + sin * s;
      return change.brightness * (grey + change.saturation * turned);
    }),
  );
}
