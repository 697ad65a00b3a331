/** What is at a place that is to be written: a writer replaces its own kind only. */
import fs from "node:fs";
import path from "node:path";
import { ConvnetsError, invalidArgument } from "../errors";

/** Room for a mark within the 255 bytes that a file name may have. */
const MOST_NAME_BYTES = 180;

/** As many links as Linux follows. */
const MOST_LINKS = 40;

/**
 * Refuses a place for a file at which something else is: a folder, a device. Links are followed.
 *
 * @param argument The argument's name as the caller wrote it.
 * @throws InvalidArgumentError naming what is there.
 */
export function checkFilePlace(argument: string, place: string): void {
  const there = kindOf(place);
  if (there === undefined || there === "a file") return;
  throw invalidArgument(argument, {
    expected: `a place for a file, and ${there} is there`,
    received: place,
    hint: "It was left as it is; choose another name.",
  });
}

/**
 * Refuses a place for a folder at which something else is: a file, a device. Links are followed.
 *
 * @param argument The argument's name as the caller wrote it.
 * @throws InvalidArgumentError naming what is there.
 */
export function checkFolderPlace(argument: string, place: string): void {
  const there = kindOf(place);
  if (there === undefined || there === "a folder") return;
  throw invalidArgument(argument, {
    expected: `a place for a folder, and ${there} is there`,
    received: place,
    hint: "It was left as it is; choose another name.",
  });
}

/**
 * Where what is written under a name really goes: links are followed, also one to a file that isn't there yet.
 *
 * @returns An absolute path that is no link.
 * @throws ConvnetsError for links that lead in a circle.
 */
export function realPlace(place: string): string {
  let real = path.resolve(place);
  for (let links = 0; links < MOST_LINKS; links++) {
    const folder = path.dirname(real);
    if (fs.existsSync(folder)) real = path.join(fs.realpathSync(folder), path.basename(real));
    if (!fs.lstatSync(real, { throwIfNoEntry: false })?.isSymbolicLink()) return real;
    real = path.resolve(path.dirname(real), fs.readlinkSync(real));
  }
  throw new ConvnetsError(`${place} is a link that leads to itself.`);
}

/** What names of hidden files that belong to a place begin with: `.name.`, cut where the name is very long. */
export function hiddenName(place: string): string {
  const name = Buffer.from(path.basename(place));
  const short = name.subarray(0, MOST_NAME_BYTES).toString("utf8");
  return `.${short.replace(/\ufffd+$/, "")}.`;
}

/** What is at a place, in words; undefined when there is nothing. */
export function kindOf(place: string): string | undefined {
  let there: fs.Stats | undefined;
  try {
    there = fs.statSync(place, { throwIfNoEntry: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTDIR") return undefined; // said when its folder is made
    if (code === "ELOOP") return "a link that leads to itself";
    throw error;
  }
  if (there === undefined) return undefined;
  if (there.isFile()) return "a file";
  return there.isDirectory() ? "a folder" : "a device, a pipe or a socket";
}
