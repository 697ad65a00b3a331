/**
 * The cats, dogs and things of ten openly licensed emoji sets.
 *
 * @see data/README.md for authors and licences
 */
import fs from "node:fs";
import type { Picture } from "../../lib/data";

/** The two classes. */
export type Animal = Picture["animal"];

/** One drawing. */
export interface Emoji {
  set: string;
  name: string;
  /** SVG inside its view box. */
  body: string;
  /** The view box: left, top, width, height. */
  box: [left: number, top: number, width: number, height: number];
}

/** Everything that pictures are composed of. */
export interface EmojiLibrary {
  animals: Record<Animal, { heads: Emoji[]; bodies: Emoji[] }>;
  /** Things that stand on the ground indoors or outdoors. */
  things: Emoji[];
  /** Plants. */
  plants: Emoji[];
  /** Other animals. */
  others: Emoji[];
}

const sets = [
  "emojione",
  "emojione-v1",
  "fluent-emoji",
  "fluent-emoji-flat",
  "fxemoji",
  "noto",
  "noto-v1",
  "openmoji",
  "streamline-emojis",
  "twemoji",
];

/** Styles that no training picture is drawn in. */
export const heldOutSets: readonly string[] = [
  "noto",
  "openmoji",
  "fluent-emoji-flat",
  "streamline-emojis",
];

const catBodies = new Set(["cat", "black-cat"]);
const dogBodies = new Set(["dog", "guide-dog", "service-dog", "poodle"]);
/** Faces as an animal makes them: none that weeps, kisses or has hearts for eyes. */
const catHeads =
  /^(cat-face|(grinning|pouting)-cat(-face)?|cat-(face-)?with-wry-smile|grinning-cat(-face)?-with-smiling-eyes)$/;
const things = namesIn(`
  soccer-ball basketball volleyball tennis baseball yarn bone fish tropical-fish teddy-bear
  wrapped-gift books backpack bucket basket teapot steaming-bowl bowl-with-spoon
  glass-of-milk alarm-clock umbrella balloon watermelon red-apple carrot jack-o-lantern
  guitar amphora rock wood
`);
const plants = namesIn(`
  potted-plant cactus sunflower tulip rose hibiscus blossom herb mushroom evergreen-tree
  deciduous-tree palm-tree maple-leaf
`);
const others = namesIn(`
  rabbit mouse hamster-face chicken duck bird owl penguin turtle frog hedgehog chipmunk pig
  cow bear-face panda-face koala butterfly front-facing-baby-chick
`);

function namesIn(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

let loaded: EmojiLibrary | undefined;

/**
 * The emoji that pictures are composed of, read once.
 *
 * @throws Error with Node's code `MODULE_NOT_FOUND` when a set is not installed.
 */
export function emojiLibrary(): EmojiLibrary {
  loaded ??= readSets();
  return loaded;
}

interface IconFile {
  width?: number;
  height?: number;
  icons: Record<
    string,
    { body: string; width?: number; height?: number; left?: number; top?: number }
  >;
}

function readSets(): EmojiLibrary {
  const library: EmojiLibrary = {
    animals: { cat: { heads: [], bodies: [] }, dog: { heads: [], bodies: [] } },
    things: [],
    plants: [],
    others: [],
  };
  const { cat, dog } = library.animals;
  for (const set of sets) {
    const file = readIcons(set);
    for (const [name, icon] of Object.entries(file.icons)) {
      const list = listFor(set, name);
      if (list === undefined) continue;
      const { width = file.width ?? 16, height = file.height ?? 16, left = 0, top = 0 } = icon;
      list.push({ set, name, body: icon.body, box: [left, top, width, height] });
    }
  }
  return library;

  function listFor(set: string, name: string): Emoji[] | undefined {
    // fxemoji's "cat" and "dog" are heads.
    if (set === "fxemoji" && name === "cat") return cat.heads;
    if (set === "fxemoji" && name === "dog") return dog.heads;
    if (set === "emojione" && name === "dog") return dog.bodies;
    if (catBodies.has(name)) return cat.bodies;
    if (catHeads.test(name)) return cat.heads;
    if (dogBodies.has(name)) return dog.bodies;
    if (name === "dog-face") return dog.heads;
    // Its shading takes ten times as long to render: worth it for the animals only.
    if (set === "fluent-emoji") return undefined;
    if (things.has(name)) return library.things;
    if (plants.has(name)) return library.plants;
    return others.has(name) ? library.others : undefined;
  }
}

function readIcons(set: string): IconFile {
  const file = require.resolve(`@iconify-json/${set}/icons.json`);
  return JSON.parse(fs.readFileSync(file, "utf8")) as IconFile;
}
