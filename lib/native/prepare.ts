/**
 * What must happen before tfjs-node is loaded: the environment that TensorFlow reads at load time, its library
 * (quietly), and a Node function that tfjs-node 4.22 still calls although Node 23 removed it.
 */
import util from "node:util";
import { EnvironmentError } from "../errors";
import { setUpHint } from "../installation";
import { nativeModule } from "./module";
import { isaLimit, processorHas } from "./processor";
import { setUpXla } from "./xla";

// Only what the user has not set: 3 silences start-up chatter (errors come back as exceptions anyway), and
// a GPU's memory is taken as needed, so that two notebooks can share one card.
process.env.TF_CPP_MIN_LOG_LEVEL ??= "3";
process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true";
// A processor that stands for a lesser one does so for TensorFlow's kernels, too.
const limit = isaLimit();
if (limit !== undefined) process.env.ONEDNN_MAX_CPU_ISA ??= limit.oneDnn;
// By itself TensorFlow turns oneDNN on from AVX-512 VNNI on, but AVX2 gains by it, too (lib/graph/README.md).
if (processorHas("avx2")) process.env.TF_ENABLE_ONEDNN_OPTS ??= "1";

setUpXla();

// tfjs-node 4.22 calls util.isNullOrUndefined: Node 22 warns of it, later ones don't have it (tensorflow/tfjs#8609).
const legacyUtil = util as { isNullOrUndefined?: (value: unknown) => boolean };
legacyUtil.isNullOrUndefined = (value) => value === null || value === undefined;

// As with yarn's Plug'n'Play, since tfjs 4.22 doesn't name all that it needs.
const packagesHint =
  "A package is missing: install again. docs/works-with.md says what Plug'n'Play needs.";

nativeModule();
try {
  require("@tensorflow/tfjs-node-gpu");
} catch (cause) {
  const { code, message } = cause as NodeJS.ErrnoException;
  throw new EnvironmentError(`TensorFlow could not be loaded: ${message.split("\n")[0]}`, {
    hint: code === "MODULE_NOT_FOUND" ? packagesHint : setUpHint,
    cause,
  });
}
