/** The image files that the loading case reads: drawings, made once. */
import path from "node:path";
import { datasets, makeSubset } from "../../lib/index";
import { picturesFolder, root } from "./folders";

/** Draws the pictures if they aren't there; takes half a minute once. */
export async function preparePictures(): Promise<void> {
  const into = path.join(root, ".cache/bench/dogs-vs-cats");
  const counts = { train: 1000, validation: 0, test: 0 };
  const { folder } = await datasets.dogsVsCats.prepare({ source: "drawn", into, counts });
  const target = path.dirname(picturesFolder);
  await makeSubset({
    from: folder,
    into: target,
    subsets: { train: [0, 1000] },
    link: "hard",
    verbose: 0,
  });
}
