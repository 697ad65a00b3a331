/** The rules of the house, each a function that lists what breaks it, a sentence for each. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Arrow, filesBelow, type Modules } from "./modules";

/** The floors of lib, from the ground up. Rooms of one floor don't know each other. */
export const floors: readonly (readonly string[])[] = [
  ["errors", "installation", "json", "pythonNumbers", "text"],
  ["checks"],
  ["files", "formats", "notebook"],
  ["native"],
  ["tfjs"],
  ["engine"],
  ["layers", "summary", "objectives", "optimizers", "graph"],
  ["explain"],
  ["plot"],
  ["data"],
  ["saving"],
  ["distributed"],
  ["compiled"],
  ["applications"],
  ["training"],
  ["index"],
];

/** The room of lib that a file is in: `lib/plot/show.ts` is in `plot`, `lib/errors.ts` is `errors`. */
function roomOf(file: string): string {
  const [, name = ""] = file.split("/");
  return name.replace(/\.ts$/, "");
}

function floorOf(room: string): number {
  return floors.findIndex((floor) => floor.includes(room));
}

const isIn = (folder: string, file: string) => file.startsWith(`${folder}/`);
const placeOf = ({ from, line }: Arrow) => `${from}:${line}`;

/** Files of lib that stand on no floor, and floors that no file stands on. */
export function strayRooms({ files }: Modules): string[] {
  const rooms = new Set(files.filter((file) => isIn("lib", file)).map(roomOf));
  return [
    ...[...rooms]
      .filter((room) => floorOf(room) < 0)
      .map((room) => `lib/${room} stands on no floor: name it in test/structure/rules.ts`),
    ...floors
      .flat()
      .filter((room) => !rooms.has(room))
      .map((room) => `the floors name lib/${room}, which isn't there`),
  ];
}

/** Imports between rooms of lib that don't point down, and those that leave the house. */
export function upwardArrows({ arrows }: Modules): string[] {
  return arrows
    .filter(({ from }) => isIn("lib", from))
    .flatMap((arrow) => {
      const { from, to, isPackage } = arrow;
      if (isPackage) {
        return /^convnets(\/|$)/.test(to) ? [`${placeOf(arrow)} imports the library itself`] : [];
      }
      if (!isIn("lib", to)) return [`${placeOf(arrow)} imports ${to}, outside the library`];
      const [here, there] = [roomOf(from), roomOf(to)];
      if (here === there || floorOf(there) < floorOf(here)) return [];
      const where = floorOf(here) === floorOf(there) ? "on its own floor" : "above it";
      return [`${placeOf(arrow)} imports ${to}: ${there} is ${where}`];
    });
}

/**
 * Imports that pass a room's door: a folder with an `index.ts` is a room, and whoever is outside imports that file.
 * `lib/index.ts` and tests may take a room's `public.ts`, and a test the inside of the room that it is about.
 */
export function passedDoors({ arrows, files }: Modules): string[] {
  const known = new Set(files);
  return arrows.flatMap((arrow) => {
    const { from, to, isPackage } = arrow;
    const isTest = isIn("test", from);
    if (isPackage || isIn("test", to) || (isTest && isIn("scripts", to))) return [];
    if (isTest && roomOf(from) === roomOf(to)) return [];
    const room = foldersOf(to).find(
      (folder) => known.has(`${folder}/index.ts`) && !isIn(folder, from),
    );
    if (room === undefined || to === `${room}/index.ts`) return [];
    // From outside lib, its rooms' doors are open too: scripts and tests need no public surface.
    const inner = room === "lib" ? `lib/${roomOf(to)}` : room;
    if (room === "lib" && [`${inner}/index.ts`, `${inner}.ts`].includes(to)) return [];
    if (to === `${inner}/public.ts` && (isTest || from === "lib/index.ts")) return [];
    return [`${placeOf(arrow)} imports ${to}, past ${inner}/index.ts`];
  });
}

/** Folders around a file, outermost first. */
function foldersOf(file: string): string[] {
  const parts = file.split("/").slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
}

/** Circles of files, types included: each is named once, by all its files. */
export function circles({ files, arrows }: Modules): string[] {
  const next = new Map<string, string[]>(files.map((file) => [file, []]));
  for (const { from, to } of arrows) if (next.has(to)) next.get(from)?.push(to);
  return circularGroups(next).map(
    (group) => `a circle of ${group.length} files: ${group.join(", ")}`,
  );
}

/** Groups of nodes that reach each other (Tarjan's strongly connected components), and nodes that reach themselves. */
function circularGroups(next: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const open: string[] = [];
  const groups: string[][] = [];
  const visit = (node: string): number => {
    order.set(node, order.size);
    let low = order.size - 1;
    open.push(node);
    for (const other of next.get(node) ?? []) {
      if (!order.has(other)) low = Math.min(low, visit(other));
      else if (open.includes(other)) low = Math.min(low, order.get(other) ?? low);
    }
    if (low === order.get(node)) {
      const group = open.splice(open.indexOf(node));
      if (group.length > 1 || next.get(node)?.includes(node)) groups.push(group.sort());
    }
    return low;
  };
  for (const node of next.keys()) if (!order.has(node)) visit(node);
  return groups;
}

/** What JupyterLab starts, and what the doctor starts to see whether it gets through. */
const AFTER_SET_UP = ["scripts/kernel", "scripts/doctor/probe.cjs", "scripts/package/library.mjs"];

/** Imports of scripts that they must do without. */
export function scriptsOnWrongGround({ arrows }: Modules): string[] {
  return arrows
    .filter(({ from }) => isIn("scripts", from))
    .flatMap((arrow) => {
      const { from, to, isPackage } = arrow;
      if (isIn("test", to)) return [`${placeOf(arrow)} imports ${to}: no script needs the tests`];
      // Set-up and doctor run before anything is installed or compiled.
      const isEarly =
        /\.[mc]js$/.test(from) &&
        !AFTER_SET_UP.some((place) => place === from || isIn(place, from));
      if (!isEarly || (isPackage ? to.startsWith("node:") : /\.[mc]js$/.test(to))) return [];
      return [`${placeOf(arrow)} imports ${to}, which isn't there before set-up`];
    });
}

/** Whether the picture of lib in its README (the block that begins with `lib/`) is the tree on disk. */
export function wrongPicture(root: string, readme: string): string[] {
  const block = /^```\n(lib\/\n[\s\S]*?)^```/m.exec(readme)?.[1];
  if (block === undefined) return ["lib/README.md has no picture of lib/"];
  const shown = placesIn(block);
  const files = filesBelow(root, "lib").filter((file) => file.endsWith(".ts"));
  const folders = new Set(files.flatMap(foldersOf));
  const isRoom = (place: string) => folders.has(place) || files.includes(place);
  // All of lib's own; of a room's inner rooms all or none.
  const open = new Set(["lib", ...shown.map((place) => path.posix.dirname(place))]);
  const there = [...folders, ...files.filter((file) => path.posix.dirname(file) === "lib")].filter(
    (place) => place !== "lib" && open.has(path.posix.dirname(place)),
  );
  return [
    ...shown
      .filter((place) => !isRoom(place))
      .map((place) => `the picture shows ${place}, which isn't there`),
    ...there.filter((place) => !shown.includes(place)).map((place) => `the picture lacks ${place}`),
    ...wrongOrder(shown.filter((place) => path.posix.dirname(place) === "lib").map(roomOf)),
  ];
}

/** The picture goes from the roof down to the ground, below the public surface. */
function wrongOrder(rooms: string[]): string[] {
  return rooms.slice(1).flatMap((room, i) => {
    const above = rooms[i] ?? "";
    if (floorOf(room) < 0 || floorOf(above) < 0 || floorOf(room) <= floorOf(above)) return [];
    return [`the picture shows ${room} below ${above}, and it is above it`];
  });
}

/** Paths of what an indented list of folders (`name/`) and files shows. */
function placesIn(block: string): string[] {
  const around: string[] = [];
  return block
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [, indent = "", name = ""] = /^( *)(\S+)/.exec(line) ?? [];
      around.splice(indent.length / 2, around.length, name.replace(/\/$/, ""));
      return around.join("/");
    })
    .slice(1);
}

/** What texts name as `lib/…`, `scripts/…` or `test/…` and isn't there: a file that has moved, most often. */
export function missingPlaces(root: string, files: readonly string[]): string[] {
  return files.flatMap((file) => {
    const text = readFileSync(path.join(root, file), "utf8");
    const prose = file.endsWith(".md") ? text : commentsOf(text);
    const named = prose.matchAll(/(?<![\w./@-])(?:lib|scripts|test)\/[\w./-]*\w/g);
    return [...new Set(Array.from(named, ([place]) => place))]
      .filter((place) => !existsSync(path.join(root, place)))
      .map((place) => `${file} names ${place}, which isn't there`);
  });
}

function commentsOf(text: string): string {
  return Array.from(text.matchAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g), ([comment]) => comment).join(
    "\n",
  );
}
