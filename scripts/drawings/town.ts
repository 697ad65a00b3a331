/** A street. */
import { type Canvas, type Hsl, hsl, lighter } from "./canvas";
import type { Dice } from "./dice";
import { floorTiles } from "./rooms";
import type { Draw } from "./scene";
import { sky } from "./sky";

export const street: Draw = (canvas, dice) => {
  const { width, height } = canvas;
  const horizon = height * dice.between(0.52, 0.64);
  sky(canvas, dice, horizon);
  for (let x = dice.between(-40, 0); x < width; ) {
    const w = width * dice.between(0.16, 0.32);
    const top = horizon * dice.between(0.1, 0.55);
    const wall: Hsl = [
      dice.pick([12, 22, 38, 48, 200, 215, 340]),
      dice.between(12, 50),
      dice.between(48, 76),
    ];
    canvas.rect(x, top, w, horizon - top, hsl(wall));
    canvas.rect(x - 2, top - 5, w + 4, 7, lighter(wall, -18));
    panes(canvas, dice, [x, top, w, horizon - top], wall);
    x += w + dice.between(0, 6);
  }
  const stone: Hsl = [dice.between(20, 230), dice.between(2, 10), dice.between(58, 74)];
  canvas.rect(
    0,
    horizon,
    width,
    height,
    canvas.linear([
      [0, lighter(stone, -12)],
      [1, lighter(stone, 4)],
    ]),
  );
  floorTiles(canvas, dice, { horizon, light: stone, dark: [stone[0], stone[1], stone[2] - 5] });
  return { horizon, outdoors: true, cover: [stone[0], 8, 50] };
};

function panes(
  canvas: Canvas,
  dice: Dice,
  [x, y, w, h]: [number, number, number, number],
  wall: Hsl,
): void {
  const columns = dice.integer(2, 3);
  const lit = dice.chance(0.3);
  for (let row = 0.12 * w + y; row < y + h - 0.2 * w; row += 0.34 * w) {
    for (let column = 0; column < columns; column++) {
      const size = (w / columns) * 0.5;
      const left = x + (w / columns) * (column + 0.25);
      canvas.rect(
        left,
        row,
        size,
        size * 1.2,
        lit && dice.chance(0.5) ? "#ffe7a0" : lighter([210, 25, wall[2]], -22),
      );
    }
  }
}
