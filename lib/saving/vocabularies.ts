/** Lists of lookups that have adapted to data: Keras has them in files of their own, beside the weights. */
import { IntegerLookup } from "../layers";
import type { Layer } from "../tfjs";
import type { Hdf5Reader } from "./hdf5Reader";
import { ModelFileError } from "./json";
import { layerTitle } from "./titles";
import { places } from "./weightFile";

/** Gives lookups their lists, where a model's description has none. */
export function readVocabularies(
  file: Hdf5Reader,
  model: Layer,
  assets: ReadonlyMap<string, string>,
): void {
  for (const { path, layer } of places(model)) {
    if (!(layer instanceof IntegerLookup) || layer.isKnown) continue;
    const member = `assets/${path.replace(/vars$/, "")}vocabulary.txt`;
    const text = assets.get(member);
    if (text === undefined) continue; // it hasn't adapted yet
    const numbers = text.trimEnd().split(/\r?\n/).map(Number);
    const title = layerTitle("IntegerLookup", layer.name);
    if (!numbers.every((each) => Number.isInteger(each) && Math.abs(each) < 2 ** 31)) {
      throw new ModelFileError(`has no list of whole numbers for ${title} at "${member}"`);
    }
    const weighs = layer.getConfig().outputMode === "tfIdf";
    const weights = weighs ? file.numbers(`${path}/idf_weights`, [layer.depth]) : undefined;
    layer.setVocabulary(numbers, weights && [...weights.slice(0, numbers.length)]);
  }
}
