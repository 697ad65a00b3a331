/** What rooms are made of. */
import { type Canvas, type Hsl, hsl, lighter } from "./canvas";
import type { Dice } from "./dice";

/** Boards that run towards the viewer. */
export function floorBoards(
  canvas: Canvas,
  dice: Dice,
  floor: { horizon: number; wood: Hsl },
): void {
  const { width, height } = canvas;
  const { horizon, wood } = floor;
  canvas.rect(
    0,
    horizon,
    width,
    height - horizon,
    canvas.linear([
      [0, lighter(wood, -8)],
      [1, lighter(wood, 6)],
    ]),
  );
  const [vanish, count] = [width * dice.between(0.3, 0.7), dice.integer(7, 13)];
  for (let board = -count; board <= count * 2; board++) {
    const near = (board / count) * width * 1.6 - width * 0.3;
    const far = vanish + (near - vanish) * 0.35;
    const next = near + (width * 1.6) / count;
    const nextFar = vanish + (next - vanish) * 0.35;
    const shade = lighter(wood, dice.around(5));
    canvas.polygon(
      [far, horizon, nextFar, horizon, next, height, near, height],
      shade,
      'fill-opacity="0.6"',
    );
    canvas.path(
      `M${far.toFixed(1)} ${horizon.toFixed(1)} L${near.toFixed(1)} ${height}`,
      "none",
      `stroke="${lighter(wood, -16)}" stroke-width="1"`,
    );
  }
}

/** Square tiles in perspective, light and dark in turn. */
export function floorTiles(
  canvas: Canvas,
  dice: Dice,
  floor: { horizon: number; light: Hsl; dark: Hsl },
): void {
  const { width, height } = canvas;
  const { horizon, light, dark } = floor;
  canvas.rect(0, horizon, width, height - horizon, hsl(light));
  const [vanish, rows, columns] = [width * dice.between(0.35, 0.65), 6, dice.integer(5, 9)];
  // Rows come closer together towards the horizon, where one unit of depth is one over the distance.
  const y = (row: number) =>
    horizon + ((height - horizon) * 1.4) / (1 + (rows - row) * 0.75) - (height - horizon) * 0.25;
  const x = (column: number, at: number) =>
    vanish +
    ((column / columns - 0.5) * width * 2.4 * (at - horizon + height * 0.12)) / (height - horizon);
  for (let row = -1; row < rows; row++) {
    const [far, near] = [Math.max(y(row), horizon), Math.min(y(row + 1), height)];
    if (near <= far) continue;
    for (let column = -1; column <= columns; column++) {
      if ((row + column) % 2 !== 0) continue;
      canvas.polygon(
        [
          x(column, far),
          far,
          x(column + 1, far),
          far,
          x(column + 1, near),
          near,
          x(column, near),
          near,
        ],
        hsl(dark),
      );
    }
  }
}

/** A window with the light of day, or a picture in a frame. */
export function window(canvas: Canvas, dice: Dice, horizon: number): void {
  const { width } = canvas;
  const [w, h] = [width * dice.between(0.22, 0.38), horizon * dice.between(0.4, 0.65)];
  const [x, y] = [dice.between(0.02, 0.95) * (width - w), horizon * dice.between(0.06, 0.25)];
  const frame = dice.pick(["#f7f3ea", "#6b4a32", "#3c3c44", "#c9a36a"]);
  canvas.rect(x - 4, y - 4, w + 8, h + 8, frame);
  const sky = dice.between(190, 230);
  canvas.rect(
    x,
    y,
    w,
    h,
    canvas.linear([
      [0, hsl([sky, 55, 70])],
      [1, hsl([sky - 20, 45, 88])],
    ]),
  );
  if (dice.chance(0.6)) {
    canvas.rect(x + w / 2 - 2, y, 4, h, frame);
    canvas.rect(x, y + h / 2 - 2, w, 4, frame);
    if (dice.chance(0.6)) {
      const curtain = hsl([dice.between(0, 360), 35, dice.between(55, 80)]);
      canvas.rect(x - w * 0.12, y - 6, w * 0.24, h * 1.15, curtain);
      canvas.rect(x + w * 0.88, y - 6, w * 0.24, h * 1.15, curtain);
    }
  } else {
    const hill = hsl([dice.between(60, 160), 35, 45]);
    canvas.path(
      `M${x} ${y + h} q${w * 0.3} ${-h * 0.7} ${w * 0.55} ${-h * 0.2} t${w * 0.45} ${-h * 0.1} V${y + h} Z`,
      hill,
    );
  }
}

/** A cupboard, or a sofa, against the wall. */
export function furniture(canvas: Canvas, dice: Dice, horizon: number, front?: Hsl): void {
  const { width, height } = canvas;
  const colour: Hsl = front ?? [dice.between(0, 360), dice.between(15, 45), dice.between(35, 65)];
  const [w, h] = [width * dice.between(0.4, 0.75), height * dice.between(0.2, 0.32)];
  const [x, foot] = [dice.between(-0.15, 0.75) * width, horizon + height * 0.03];
  if (front === undefined && dice.chance(0.6)) {
    const round = `rx="${(h * 0.2).toFixed(0)}"`;
    canvas.rect(x, foot - h, w, h, lighter(colour, -4), round);
    canvas.rect(x - w * 0.06, foot - h * 0.65, w * 0.16, h * 0.65, lighter(colour, 4), round);
    canvas.rect(x + w * 0.9, foot - h * 0.65, w * 0.16, h * 0.65, lighter(colour, 4), round);
    for (let cushion = 0; cushion < 2; cushion++) {
      canvas.rect(
        x + w * (0.1 + cushion * 0.41),
        foot - h * 0.48,
        w * 0.39,
        h * 0.4,
        lighter(colour, 8),
        round,
      );
    }
    return;
  }
  canvas.rect(x, foot - h, w, h, hsl(colour));
  canvas.rect(x - 3, foot - h - 5, w + 6, 7, lighter(colour, -22));
  const doors = dice.integer(2, 4);
  for (let door = 0; door < doors; door++) {
    const left = x + (w / doors) * door + 3;
    canvas.rect(left, foot - h + 6, w / doors - 6, h - 12, lighter(colour, 6), 'rx="2"');
    canvas.ellipse(left + w / doors - 13, foot - h * 0.6, 2, 2, lighter(colour, -30));
  }
}
