/** The places where the animals are: outdoors and indoors. */
import { type Canvas, type Hsl, hsl, lighter } from "./canvas";
import type { Dice } from "./dice";
import { floorBoards, floorTiles, furniture, window } from "./rooms";

/** What a scene offers to the composition. */
export interface Scene {
  /** Where the ground begins, in pixels from the top; feet stand below. */
  horizon: number;
  /** What stands around here. */
  outdoors: boolean;
  /** Colour of what an animal can hide behind: hedge, snow, sofa. */
  cover: Hsl;
  /** Draws what is in front of everything else. */
  front?: () => void;
}

type Draw = (canvas: Canvas, dice: Dice) => Scene;

/** Draws one of the scenes and tells what it offers. */
export function drawScene(canvas: Canvas, dice: Dice): Scene {
  return dice.pick(scenes)(canvas, dice);
}

const meadow: Draw = (canvas, dice) => {
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

const forest: Draw = (canvas, dice) => {
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

const beach: Draw = (canvas, dice) => {
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

const snow: Draw = (canvas, dice) => {
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

const street: Draw = (canvas, dice) => {
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

const livingRoom: Draw = (canvas, dice) => {
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

const kitchen: Draw = (canvas, dice) => {
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

const blanket: Draw = (canvas, dice) => {
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
  const more = `transform="rotate(${dice.integer(-50, 50)} ${width / 2} ${height / 2})" fill-opacity="${dice.between(0.1, 0.32).toFixed(2)}"`;
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

const studio: Draw = (canvas, dice) => {
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

const scenes: readonly Draw[] = [
  meadow,
  meadow,
  forest,
  beach,
  snow,
  street,
  livingRoom,
  livingRoom,
  kitchen,
  blanket,
  studio,
];

function sky(canvas: Canvas, dice: Dice, bottom: number): void {
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

function tufts(canvas: Canvas, dice: Dice, horizon: number, green: Hsl, count: number): void {
  for (let tuft = 0; tuft < count; tuft++) {
    const depth = dice.next();
    const y = horizon + depth * (canvas.height - horizon);
    const [x, h] = [dice.next() * canvas.width, 3 + depth * 12];
    const d = `M${x.toFixed(1)} ${y.toFixed(1)} q-3 -${h.toFixed(1)} -5 -${h.toFixed(1)} M${x.toFixed(1)} ${y.toFixed(1)} q2 -${h.toFixed(1)} 5 -${(h * 1.2).toFixed(1)}`;
    canvas.path(d, "none", `stroke="${lighter(green, dice.around(12))}" stroke-width="1.6"`);
  }
}

/** Blades along the lower edge. */
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
