/** Indoors: living room, kitchen, a blanket, a studio. */
import { type Canvas, type Hsl, hsl, lighter } from "./canvas";
import type { Dice } from "./dice";
import { floorBoards, floorTiles, furniture, window } from "./rooms";
import type { Draw } from "./scene";

export const livingRoom: Draw = (canvas, dice) => {
  const horizon = canvas.height * dice.between(0.52, 0.68);
  const wall = wallpaper(canvas, dice, horizon);
  if (dice.chance(0.75)) window(canvas, dice, horizon);
  const wood: Hsl = [dice.between(20, 36), dice.between(25, 50), dice.between(38, 62)];
  floorBoards(canvas, dice, { horizon, wood });
  skirting(canvas, horizon, lighter(wall, 14));
  if (dice.chance(0.6)) furniture(canvas, dice, horizon);
  if (dice.chance(0.6)) rug(canvas, dice, horizon);
  return {
    horizon,
    outdoors: false,
    cover: [dice.between(0, 360), dice.between(20, 50), dice.between(40, 65)],
  };
};

export const kitchen: Draw = (canvas, dice) => {
  const { width } = canvas;
  const horizon = canvas.height * dice.between(0.5, 0.64);
  const tile: Hsl = [dice.between(160, 230), dice.between(8, 35), dice.between(76, 90)];
  canvas.rect(0, 0, width, horizon, hsl(tile));
  const size = width * dice.between(0.07, 0.12);
  for (let x = dice.next() * size; x < width; x += size)
    canvas.rect(x, 0, 1.5, horizon, "#fff", 'fill-opacity="0.7"');
  for (let y = horizon % size; y < horizon; y += size)
    canvas.rect(0, y, width, 1.5, "#fff", 'fill-opacity="0.7"');
  const front: Hsl = [dice.between(0, 360), dice.between(10, 35), dice.between(55, 85)];
  furniture(canvas, dice, horizon, front);
  const light: Hsl = [dice.between(20, 60), dice.between(5, 25), dice.between(78, 92)];
  const dark: Hsl = [dice.between(0, 360), dice.between(5, 30), dice.between(40, 66)];
  floorTiles(canvas, dice, { horizon, light, dark });
  skirting(canvas, horizon, lighter(front, -20));
  return { horizon, outdoors: false, cover: front };
};

export const blanket: Draw = (canvas, dice) => {
  const { width, height } = canvas;
  const cloth: Hsl = [dice.between(0, 360), dice.between(18, 48), dice.between(48, 74)];
  canvas.rect(
    0,
    0,
    width,
    height,
    canvas.linear(
      [
        [0, lighter(cloth, 10)],
        [1, lighter(cloth, -10)],
      ],
      [0, 0, 1, 1],
    ),
  );
  const band = width * dice.between(0.06, 0.16);
  const turned = `rotate(${dice.integer(-50, 50)} ${width / 2} ${height / 2})`;
  const more = `transform="${turned}" fill-opacity="${dice.between(0.1, 0.32).toFixed(2)}"`;
  const stripe = hsl([cloth[0] + dice.pick([0, 30, 180]), cloth[1], dice.pick([30, 92])]);
  for (let x = -width; x < 2 * width; x += band * 2) {
    canvas.rect(x, -height, band, height * 3, stripe, more);
    if (cloth[0] > 180) canvas.rect(-width, x, width * 3, band, stripe, more);
  }
  for (let fold = dice.integer(2, 5); fold > 0; fold--) {
    const y = dice.next() * height;
    const d = `M0 ${y} Q${width * dice.next()} ${y + dice.around(height * 0.3)} ${width} ${y + dice.around(height * 0.3)}`;
    canvas.path(
      d,
      "none",
      `stroke="#000" stroke-opacity="0.1" stroke-width="${dice.integer(3, 12)}"`,
    );
  }
  return {
    horizon: height * 0.35,
    outdoors: false,
    cover: [cloth[0] + 20, cloth[1], cloth[2] - 8],
  };
};

export const studio: Draw = (canvas, dice) => {
  const { width, height } = canvas;
  const paper: Hsl = [dice.between(0, 360), dice.between(10, 45), dice.between(52, 84)];
  const horizon = height * dice.between(0.55, 0.7);
  canvas.rect(
    0,
    0,
    width,
    height,
    canvas.radial(
      [
        [0, lighter(paper, 12)],
        [1, lighter(paper, -12)],
      ],
      [0.5, 0.4, 0.75],
    ),
  );
  canvas.rect(
    0,
    horizon,
    width,
    height - horizon,
    canvas.linear([
      [0, "#000", 0],
      [0.5, "#000", 0.08],
      [1, "#fff", 0.12],
    ]),
  );
  return { horizon, outdoors: false, cover: [paper[0] + 180, paper[1], paper[2] - 12] };
};

function wallpaper(canvas: Canvas, dice: Dice, horizon: number): Hsl {
  const { width } = canvas;
  const wall: Hsl = [dice.between(0, 360), dice.between(10, 38), dice.between(62, 86)];
  canvas.rect(
    0,
    0,
    width,
    horizon,
    canvas.linear(
      [
        [0, lighter(wall, 4)],
        [1, lighter(wall, -8)],
      ],
      [0, 0, 1, 0.4],
    ),
  );
  const pattern = dice.integer(0, 2);
  const step = width * dice.between(0.06, 0.14);
  for (let x = dice.next() * step; pattern < 2 && x < width; x += step) {
    if (pattern === 0) canvas.rect(x, 0, step * 0.4, horizon, lighter(wall, -5));
    for (let y = step / 2; pattern === 1 && y < horizon; y += step)
      canvas.ellipse(x, y, step * 0.12, step * 0.12, lighter(wall, -9));
  }
  return wall;
}

function skirting(canvas: Canvas, horizon: number, colour: string): void {
  canvas.rect(0, horizon - canvas.height * 0.025, canvas.width, canvas.height * 0.03, colour);
}

function rug(canvas: Canvas, dice: Dice, horizon: number): void {
  const { width, height } = canvas;
  const [x, y] = [width * dice.between(0.3, 0.7), (horizon + height) / 2];
  const colour: Hsl = [dice.between(0, 360), dice.between(25, 55), dice.between(40, 65)];
  for (const [ring, size] of [1, 0.85, 0.6].entries()) {
    canvas.ellipse(
      x,
      y,
      width * 0.42 * size,
      (height - horizon) * 0.4 * size,
      lighter(colour, ring * 9),
    );
  }
}
