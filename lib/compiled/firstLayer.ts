/** Chooses the kernels of a network's first layer. */
import { chooseFastest, fixedChoice, ownKernels } from "../engine";
import {
  type FirstLayerSize,
  firstLayerAlternatives,
  firstLayerSizes,
  type GraphBuilder,
  timeFirstLayer,
  useConvPool,
} from "../graph";
import { parallelFor } from "./sizes";

/**
 * Gives a network's first layer the library's own kernels where they are faster here than TensorFlow's, by a measurement at
 * the first use of such a layer; or, where `CONVNETS_KERNELS` is set, as that says.
 *
 * @throws EnvironmentError when that is set to anything else.
 */
export async function chooseFirstLayer(
  graph: GraphBuilder,
  options: { batchSize: number; precision: "float32" | "bfloat16" },
): Promise<void> {
  const kernels = ownKernels();
  if (kernels === undefined) return;
  const fixed = fixedChoice("CONVNETS_KERNELS", ["own", "tensorflow"]);
  if (fixed === "tensorflow") return;
  const names = firstLayerAlternatives(options.precision);
  const own = new Set<string>();
  for (const size of firstLayerSizes(graph)) {
    const { height, width, channels, filters } = size;
    const what = `first layer ${height}×${width}×${channels} to ${filters} filters, ${options.precision}`;
    const largest = 4 * options.batchSize * height * width * filters;
    const parallel = parallelFor(largest, { trains: true, convolves: false });
    const measure = () => timeFirstLayer(size, { ...options, kernels, parallel });
    const chosen = fixed ?? (await chooseFastest(what, { names, measure }));
    if (chosen === "own") own.add(keyOf(size));
  }
  useConvPool(graph, { kernels, where: (size) => own.has(keyOf(size)) });
}

const keyOf = (size: FirstLayerSize) => JSON.stringify(size);
