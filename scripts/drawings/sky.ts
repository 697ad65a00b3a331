/** The sky. */
import { type Canvas, type Hsl, hsl } from "./canvas";
import type { Dice } from "./dice";

export function sky(canvas: Canvas, dice: Dice, bottom: number): void {
  const { width } = canvas;
  const [top, low] = dice.pick<[Hsl, Hsl]>([
    [
      [208, 65, 58],
      [200, 60, 84],
    ],
    [
      [212, 50, 66],
      [45, 50, 88],
    ],
    [
      [215, 12, 66],
      [210, 15, 84],
    ],
    [
      [255, 32, 52],
      [22, 75, 76],
    ],
    [
      [225, 45, 30],
      [280, 30, 55],
    ],
  ]);
  canvas.rect(
    0,
    0,
    width,
    bottom + 2,
    canvas.linear([
      [0, hsl(top)],
      [1, hsl(low)],
    ]),
  );
  if (dice.chance(0.35)) {
    const r = width * dice.between(0.04, 0.08);
    const [x, y] = [dice.next() * width, bottom * dice.between(0.1, 0.5)];
    canvas.ellipse(
      x,
      y,
      r * 3,
      r * 3,
      canvas.radial([
        [0, "#fff8d8", 0.8],
        [1, "#fff8d8", 0],
      ]),
    );
    canvas.ellipse(x, y, r, r, "#fffbe6");
  }
  for (let cloud = dice.integer(0, 4); cloud > 0; cloud--) {
    const [x, y] = [dice.next() * width, bottom * dice.between(0.05, 0.6)];
    const r = width * dice.between(0.03, 0.07);
    for (let puff = -2; puff <= 2; puff++) {
      const size = r * (1.2 - Math.abs(puff) * 0.3);
      canvas.ellipse(x + puff * r, y - size * 0.3, size * 1.2, size, "#fff", 'fill-opacity="0.75"');
    }
  }
}
