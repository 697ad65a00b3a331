/** Who draws: the package `convnets-drawings`, which brings 178 MB of emoji and is loaded only to draw. */
import { EnvironmentError } from "../../errors";
import { libraryVersion, repository, setUpHint } from "../../installation";

/** Which picture to draw. */
export interface Picture {
  animal: "cat" | "dog";
  /** Number of the picture in its class. */
  index: number;
  /** Seed of the whole data set; an integer in [0, 2^31). */
  seed: number;
}

/** What draws. */
export interface Drawer {
  /** Changes whenever the same seed gives other pictures. */
  version: number;
  /** Draws one picture: the bytes of a JPEG file, the same for the same picture and version. */
  drawPicture(picture: Picture): Promise<Uint8Array>;
  /** Does work that draws several pictures at a time. */
  severalAtOnce<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** The version whose pictures are wanted; a folder's note says which it holds. */
export const drawingVersion = 1;

const packageName = "convnets-drawings";

/**
 * Loads the package that draws.
 *
 * @throws EnvironmentError when it or one of its sets of emoji is not installed, or when it is of another version.
 */
export function openDrawer(): Drawer {
  const hint =
    repository === undefined
      ? `Install ${packageName}-${libraryVersion()}.tgz, which \`npm run pack\` makes beside convnets' own; or pass ` +
        "`source` for photographs, as from Google Drive."
      : setUpHint;
  let drawer: Drawer;
  try {
    drawer = (require(packageName) as { openDrawer(): Drawer }).openDrawer();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw cause;
    throw new EnvironmentError(`The npm package ${packageName}, which draws, is not installed.`, {
      hint,
      cause,
    });
  }
  if (drawer.version !== drawingVersion) {
    const versions = `version ${drawer.version}, where version ${drawingVersion} is wanted`;
    throw new EnvironmentError(`The npm package ${packageName} draws ${versions}.`, { hint });
  }
  return drawer;
}
