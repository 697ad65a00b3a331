/** What XLA reads when TensorFlow is loaded: where it keeps programs for later processes, and where CUDA's tools are. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { sharedFolder } from "../installation";
import { findLibraries, tensorflowVersion } from "./libraries";

/** Where XLA's things are on a machine. */
export interface XlaPlaces {
  /** The folder of TensorFlow's libraries, beside which NVIDIA's packages lie. */
  libraries: string | undefined;
  /** What programs are compiled for, as text: processor and cards. */
  machine: string;
}

/**
 * Sets what the user has not: `TF_XLA_FLAGS` and, with TensorFlow's package for GPUs, `XLA_FLAGS`.
 *
 * Programs are kept in the user's cache: the second process takes the first one's, and on a GPU its choice of kernels.
 *
 * @param environment Is changed. This process' by default.
 * @param places This machine's by default.
 */
export function setUpXla(
  environment: NodeJS.ProcessEnv = process.env,
  places: XlaPlaces = thisMachine(environment),
): void {
  const { libraries, machine } = places;
  // Machine code of one processor ends a process on another, and folders may be shared between machines.
  const key = createHash("sha256").update(`${tensorflowVersion} ${machine}`).digest("hex");
  const programs = path.join(sharedFolder(environment), "xla", key.slice(0, 16));
  environment.TF_XLA_FLAGS ??= `--tf_xla_persistent_cache_directory=${programs}`;
  const cuda = libraries && path.join(path.dirname(libraries), "nvidia", "cuda_nvcc");
  if (environment.XLA_FLAGS !== undefined || !cuda || !fs.existsSync(cuda)) return;
  const kernels = path.join(programs, "kernels");
  const flags = [`--xla_gpu_cuda_data_dir=${cuda}`];
  if (isMade(kernels)) flags.push(`--xla_gpu_per_fusion_autotune_cache_dir=${kernels}`);
  environment.XLA_FLAGS = flags.join(" ");
}

/** XLA writes into this folder only if it is there. */
function isMade(folder: string): boolean {
  try {
    fs.mkdirSync(folder, { recursive: true });
    return true;
  } catch {
    return false; // a home that can't be written to
  }
}

function thisMachine(environment: NodeJS.ProcessEnv): XlaPlaces {
  const processor = /^(flags|Features)\s*:.*$/m.exec(textOf("/proc/cpuinfo"))?.[0] ?? "";
  const cards = "/proc/driver/nvidia/gpus";
  const models = namesIn(cards).map((card) => {
    const facts = textOf(path.join(cards, card, "information"));
    return /^Model:.*$/m.exec(facts)?.[0] ?? "";
  });
  return {
    libraries: findLibraries(environment)?.folder,
    machine: [processor, ...models].join("\n"),
  };
}

function textOf(file: string): string {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder).sort();
  } catch {
    return [];
  }
}
