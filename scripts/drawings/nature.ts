/** Outdoors: meadow, forest, beach, snow. */
import { type Canvas, type Hsl, hsl, lighter } from "./canvas";
import type { Dice } from "./dice";
import type { Draw } from "./scene";
import { sky } from "./sky";

export const meadow: Draw = (canvas, dice) => {
  const { width, height } = canvas;
  const horizon = height * dice.between(0.4, 0.62);
  sky(canvas, dice, horizon);
  const green: Hsl = [dice.between(75, 130), dice.between(30, 55), dice.between(34, 50)];
  for (let hill = 2; hill >= 0; hill--) {
    const crest = Array.from(
      { length: 5 },
      () => horizon - hill * height * 0.05 + dice.around(height * 0.05),
    );
    const [hue, saturation, lightness] = green;
    canvas.ridge(crest, hsl([hue + hill * 12, saturation - hill * 6, lightness + hill * 8]));
  }
  canvas.rect(
    0,
    horizon,
    width,
    height - horizon,
    canvas.linear([
      [0, lighter(green, 6), 0.9],
      [1, lighter(green, -10)],
    ]),
  );
  tufts(canvas, dice, horizon, green, 40);
  if (dice.chance(0.6)) flowers(canvas, dice, horizon);
  return { horizon, outdoors: true, cover: green, front: () => grass(canvas, dice, green) };
};

export const forest: Draw = (canvas, dice) => {
  const { width, height } = canvas;
  const horizon = height * dice.between(0.5, 0.66);
  const green: Hsl = [dice.between(85, 150), dice.between(20, 42), dice.between(22, 34)];
  const haze = lighter(green, 38);
  canvas.rect(
    0,
    0,
    width,
    height,
    canvas.linear([
      [0, lighter(green, 22)],
      [0.6, haze],
      [1, lighter(green, 4)],
    ]),
  );
  for (let depth = 0; depth < 3; depth++) {
    const bark = hsl([28, 18 + depth * 8, 46 - depth * 13]);
    for (let tree = dice.integer(2, 4); tree > 0; tree--) {
      const x = dice.between(-0.05, 1.05) * width;
      const girth = width * (0.02 + depth * 0.018) * dice.between(0.7, 1.4);
      const foot = horizon + depth * height * 0.04;
      const lean = dice.around(girth);
      canvas.polygon(
        [x - girth + lean, -5, x + girth + lean, -5, x + girth * 1.3, foot, x - girth * 1.3, foot],
        bark,
      );
    }
    for (let leaf = 0; leaf < 7; leaf++) {
      const r = height * dice.between(0.06, 0.16);
      canvas.ellipse(
        dice.next() * width,
        dice.around(height * 0.12),
        r * 1.5,
        r,
        lighter(green, 16 - depth * 8),
        'fill-opacity="0.8"',
      );
    }
  }
  canvas.rect(
    0,
    horizon,
    width,
    height - horizon,
    canvas.linear([
      [0, lighter(green, 14)],
      [1, lighter(green, -4)],
    ]),
  );
  for (let shaft = dice.integer(0, 3); shaft > 0; shaft--) {
    const x = dice.next() * width;
    canvas.polygon(
      [x, 0, x + width * 0.08, 0, x - width * 0.1, height, x - width * 0.28, height],
      "#fff6c8",
      'fill-opacity="0.16"',
    );
  }
  tufts(canvas, dice, horizon, green, 50);
  return { horizon, outdoors: true, cover: green, front: () => grass(canvas, dice, green) };
};

export const beach: Draw = (canvas, dice) => {
  const { width, height } = canvas;
  const sea = height * dice.between(0.3, 0.42);
  const horizon = height * dice.between(0.5, 0.6);
  sky(canvas, dice, sea);
  const blue: Hsl = [dice.between(178, 215), dice.between(40, 65), dice.between(42, 58)];
  canvas.rect(
    0,
    sea,
    width,
    height,
    canvas.linear([
      [0, lighter(blue, -8)],
      [1, lighter(blue, 18)],
    ]),
  );
  for (let wave = 0; wave < 9; wave++) {
    const y = dice.between(sea + 2, horizon);
    canvas.ellipse(
      dice.next() * width,
      y,
      width * dice.between(0.04, 0.14),
      1.2,
      "#fff",
      'fill-opacity="0.5"',
    );
  }
  const sand: Hsl = [dice.between(34, 46), dice.between(35, 60), dice.between(66, 78)];
  const shore = Array.from({ length: 5 }, () => horizon + dice.around(height * 0.025));
  canvas.ridge(
    shore.map((y) => y - 4),
    "#ffffff",
  );
  canvas.ridge(
    shore,
    canvas.linear([
      [0, lighter(sand, -10)],
      [0.25, hsl(sand)],
      [1, lighter(sand, -4)],
    ]),
  );
  speckles(canvas, dice, horizon, lighter(sand, -16), 50);
  return { horizon: horizon + height * 0.04, outdoors: true, cover: sand };
};

export const snow: Draw = (canvas, dice) => {
  const { width, height } = canvas;
  const horizon = height * dice.between(0.42, 0.58);
  const air: Hsl = [dice.between(195, 235), dice.between(18, 45), dice.between(62, 80)];
  canvas.rect(
    0,
    0,
    width,
    height,
    canvas.linear([
      [0, lighter(air, -14)],
      [1, lighter(air, 14)],
    ]),
  );
  const crest = Array.from({ length: 6 }, () => horizon - dice.between(0, height * 0.2));
  canvas.ridge(crest, lighter(air, 4));
  for (let tree = dice.integer(2, 7); tree > 0; tree--) fir(canvas, dice, horizon);
  const ground = Array.from({ length: 4 }, () => horizon + dice.around(height * 0.02));
  canvas.ridge(
    ground,
    canvas.linear([
      [0, hsl([air[0], 20, 96])],
      [1, hsl([air[0], 30, 84])],
    ]),
  );
  return {
    horizon,
    outdoors: true,
    cover: [air[0], 25, 93],
    front: () => {
      for (let flake = dice.integer(0, 60); flake > 0; flake--) {
        const r = dice.between(1, 3.2);
        canvas.ellipse(
          dice.next() * width,
          dice.next() * height,
          r,
          r,
          "#fff",
          'fill-opacity="0.85"',
        );
      }
    },
  };
};

function tufts(canvas: Canvas, dice: Dice, horizon: number, green: Hsl, count: number): void {
  for (let tuft = 0; tuft < count; tuft++) {
    const depth = dice.next();
    const y = horizon + depth * (canvas.height - horizon);
    const [x, h] = [dice.next() * canvas.width, 3 + depth * 12];
    const root = `M${x.toFixed(1)} ${y.toFixed(1)}`;
    const high = h.toFixed(1);
    const d = `${root} q-3 -${high} -5 -${high} ${root} q2 -${high} 5 -${(h * 1.2).toFixed(1)}`;
    canvas.path(d, "none", `stroke="${lighter(green, dice.around(12))}" stroke-width="1.6"`);
  }
}

function grass(canvas: Canvas, dice: Dice, green: Hsl): void {
  const { width, height } = canvas;
  const tall = height * dice.between(0, 0.2);
  if (tall < height * 0.05) return;
  for (let x = 0; x < width; x += 5) {
    const h = tall * dice.between(0.4, 1);
    canvas.polygon(
      [x - 3, height + 2, x + dice.around(9), height - h, x + 4, height + 2],
      lighter(green, dice.around(12)),
    );
  }
}

function flowers(canvas: Canvas, dice: Dice, horizon: number): void {
  const colour = hsl([dice.between(-80, 60), 75, 68]);
  for (let flower = dice.integer(6, 26); flower > 0; flower--) {
    const depth = dice.next();
    const r = 1.2 + depth * 3.5;
    const [x, y] = [dice.next() * canvas.width, horizon + depth * (canvas.height - horizon)];
    canvas.ellipse(x, y, r * 1.5, r, colour);
    canvas.ellipse(x, y, r * 0.5, r * 0.4, "#fff3a0");
  }
}

function fir(canvas: Canvas, dice: Dice, foot: number): void {
  const x = dice.next() * canvas.width;
  const h = canvas.height * dice.between(0.12, 0.34);
  const green = hsl([dice.between(140, 175), 22, dice.between(24, 40)]);
  for (let tier = 0; tier < 3; tier++) {
    const [top, w] = [foot - h + (tier * h) / 4, h * (0.14 + tier * 0.08)];
    canvas.polygon([x, top, x + w, top + h * 0.45, x - w, top + h * 0.45], green);
    canvas.polygon(
      [x, top, x + w * 0.5, top + h * 0.22, x - w * 0.5, top + h * 0.22],
      "#fff",
      'fill-opacity="0.7"',
    );
  }
}

function speckles(
  canvas: Canvas,
  dice: Dice,
  horizon: number,
  colour: string,
  count: number,
): void {
  for (let dot = 0; dot < count; dot++) {
    const y = dice.between(horizon, canvas.height);
    canvas.ellipse(dice.next() * canvas.width, y, 1.6, 0.9, colour, 'fill-opacity="0.6"');
  }
}
