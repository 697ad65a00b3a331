/** Puts an animal into a scene, with things around it and in front of it. */
import { Canvas, type Hsl, hsl, lighter } from "./canvas";
import { inAnotherCoat } from "./coat";
import type { Dice } from "./dice";
import { type Animal, type Emoji, type EmojiLibrary, heldOutSets } from "./emoji";
import type { Scene } from "./scene";
import { drawScene } from "./scenes";

/** What is to be drawn. */
export interface Subject {
  animal: Animal;
  /** How likely one of the held-out styles is, from 0 (never) to 1. */
  heldOutShare: number;
}

/** Where and how an emoji is placed. */
interface Placement {
  x: number;
  /** Where its lower edge stands. */
  foot: number;
  size: number;
  turn: number;
  flip: boolean;
  /** Seen from the side or from above: the width and the slant change. */
  squeeze: number;
  slant: number;
}

/** Draws a whole picture as SVG. */
export function composePicture(dice: Dice, library: EmojiLibrary, subject: Subject): string {
  const canvas = new Canvas(...pictureSize(dice));
  const { width, height } = canvas;
  const shorter = Math.min(width, height);
  const scene = drawScene(canvas, dice);
  // A thing or another animal behind; in both classes the same ones.
  if (dice.chance(0.65)) {
    const size = shorter * dice.between(0.16, 0.34);
    const foot = dice.between(
      scene.horizon + size * 0.3,
      Math.max(height * 0.9, scene.horizon + size * 0.4),
    );
    put(
      canvas,
      dice.pick(backdrop(dice, library, scene)),
      standing(dice, width * dice.next(), foot, size),
      true,
    );
  }
  const isHead = dice.chance(0.5);
  const { heads, bodies } = library.animals[subject.animal];
  const emoji = choose(dice, isHead ? heads : bodies, subject.heldOutShare);
  const size = shorter * dice.between(0.58, 0.98);
  const x = width / 2 + dice.around(Math.max(width - size * 0.85, 0) / 2);
  const drawn = {
    ...emoji,
    body: dice.chance(0.85) ? inAnotherCoat(emoji.body, dice) : emoji.body,
  };
  const foot = isHead
    ? Math.min(height * dice.between(0.8, 1.05), height + size * 0.08)
    : dice.between(Math.max(scene.horizon + size * 0.2, size * 0.8), height * 0.98);
  put(canvas, drawn, standing(dice, x, Math.max(foot, size * 0.85), size), !isHead);
  const covered = dice.chance(0.6);
  if (covered && isHead && foot < height) hideBehind(canvas, dice, scene, { x, size, foot });
  else if (covered) {
    const thing = dice.pick(
      scene.outdoors ? [...library.plants, ...library.things] : library.things,
    );
    const side = dice.pick([-1, 1]) * dice.between(0.28, 0.5);
    put(
      canvas,
      thing,
      standing(
        dice,
        x + size * side,
        foot + size * dice.between(0, 0.08),
        size * dice.between(0.25, 0.42),
      ),
      true,
    );
  }
  scene.front?.();
  light(canvas, dice);
  return canvas.toSvg(dice.around(7));
}

/** Sizes as photographs of pets have them: mostly landscape, some portrait, few square. */
function pictureSize(dice: Dice): [width: number, height: number] {
  const long = dice.integer(250, 500);
  const short = Math.max(Math.round(long * dice.pick([0.66, 0.75, 0.75, 0.8, 0.9, 1])), 200);
  return dice.chance(0.7) ? [long, short] : [short, long];
}

function choose(dice: Dice, emojis: readonly Emoji[], heldOutShare: number): Emoji {
  const wantHeld = dice.chance(heldOutShare);
  return dice.pick(emojis.filter(({ set }) => heldOutSets.includes(set) === wantHeld));
}

function backdrop(dice: Dice, library: EmojiLibrary, { outdoors }: Scene): Emoji[] {
  if (dice.chance(0.35)) return library.others;
  return outdoors ? library.plants : library.things;
}

function standing(dice: Dice, x: number, foot: number, size: number): Placement {
  return {
    x,
    foot,
    size,
    turn: dice.around(14),
    flip: dice.chance(0.5),
    squeeze: dice.between(0.84, 1.12),
    slant: dice.around(9),
  };
}

/** Draws an emoji, with a soft shadow where it meets the ground. */
function put(canvas: Canvas, emoji: Emoji, place: Placement, shadow: boolean): void {
  const [left, top, w, h] = emoji.box;
  const scale = place.size / Math.max(w, h);
  if (shadow) {
    const paint = canvas.radial([
      [0, "#000", 0.42],
      [0.6, "#000", 0.2],
      [1, "#000", 0],
    ]);
    canvas.ellipse(
      place.x,
      place.foot - place.size * 0.03,
      place.size * 0.46,
      place.size * 0.09,
      paint,
    );
  }
  const prefix = canvas.id();
  const body = emoji.body
    .replace(/\bid="([^"]+)"/g, `id="${prefix}-$1"`)
    .replace(/url\(#([^)]+)\)/g, `url(#${prefix}-$1)`)
    .replace(/href="#([^"]+)"/g, `href="#${prefix}-$1"`);
  const f = (value: number) => value.toFixed(3);
  const transform = [
    `translate(${f(place.x)} ${f(place.foot)})`,
    `rotate(${f(place.turn)})`,
    `skewX(${f(place.slant)})`,
    `scale(${f((place.flip ? -1 : 1) * scale * place.squeeze)} ${f(scale)})`,
    `translate(${f(-left - w / 2)} ${f(-top - h)})`,
  ].join(" ");
  canvas.add(`<g transform="${transform}" color="#333">${body}</g>`);
}

/** A hedge, a heap of snow, a cushion or a box in front of the chin. */
function hideBehind(
  canvas: Canvas,
  dice: Dice,
  scene: Scene,
  head: { x: number; size: number; foot: number },
): void {
  const { width, height } = canvas;
  const { x, size, foot } = head;
  const top = foot - size * dice.between(0.1, 0.24);
  const colour: Hsl = [scene.cover[0], scene.cover[1], scene.cover[2] - dice.between(-4, 10)];
  if (scene.outdoors) {
    const bump = () => top + dice.around(size * 0.06);
    canvas.ridge(
      Array.from({ length: 9 }, bump),
      canvas.linear([
        [0, lighter(colour, 5)],
        [1, lighter(colour, -14)],
      ]),
    );
    return;
  }
  const w = dice.chance(0.5) ? width * 1.2 : size * dice.between(1.1, 1.5);
  const round = `rx="${(size * dice.between(0.02, 0.1)).toFixed(1)}"`;
  const left = x - w / 2 + dice.around(size * 0.08);
  const paint = canvas.linear([
    [0, lighter(colour, 7)],
    [0.12, hsl(colour)],
    [1, lighter(colour, -14)],
  ]);
  canvas.rect(left, top, w, height - top + size * 0.3, paint, round);
  canvas.rect(left, top + size * 0.05, w, 2, lighter(colour, -18), 'fill-opacity="0.5"');
}

/** Light from one side, warm or cool, and darker corners. */
function light(canvas: Canvas, dice: Dice): void {
  const { width, height } = canvas;
  const across = dice.pick([
    [0, 0, 1, 1],
    [1, 0, 0, 1],
    [0, 0, 0, 1],
    [0, 1, 1, 0],
  ] as const);
  const warm = dice.pick(["#ffdf9e", "#fff1d6", "#cfe4ff", "#ffc9a3"]);
  const strength = dice.between(0.05, 0.4);
  canvas.rect(
    0,
    0,
    width,
    height,
    canvas.linear(
      [
        [0, warm, strength],
        [0.5, warm, 0],
        [0.6, "#0b1030", 0],
        [1, "#0b1030", strength],
      ],
      [...across],
    ),
  );
  canvas.rect(
    0,
    0,
    width,
    height,
    canvas.radial(
      [
        [0.55, "#000", 0],
        [1, "#000", dice.between(0, 0.4)],
      ],
      [0.5, 0.5, 0.75],
    ),
  );
}
