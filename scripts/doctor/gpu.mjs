// @ts-check
/** The GPUs that the driver shows, and why TensorFlow uses none where it doesn't. */
import fs from "node:fs";
import path from "node:path";
import { outputOf } from "../setup/command.mjs";
import { hasNvidiaDriver } from "../setup/device.mjs";

/** CUDA 12 runs with this driver or a newer one. */
const OLDEST_DRIVER = 525;

/** What TensorFlow takes from NVIDIA's packages, beside its own. */
const parts = /** @type {const} */ ({
  cuDNN: "cudnn/lib/libcudnn.so.9",
  "libdevice, which XLA needs,": "cuda_nvcc/nvvm/libdevice/libdevice.10.bc",
  "ptxas, which XLA needs,": "cuda_nvcc/bin/ptxas",
});

/**
 * @typedef {object} Gpus What was found out about the machine.
 * @property {boolean} driver Whether there is an NVIDIA driver.
 * @property {string | undefined} listed The driver's list: a line `name, memory` for each GPU.
 * @property {string | undefined} version The driver's version.
 * @property {readonly string[]} missing Names of parts that are not among NVIDIA's packages.
 * @property {string | undefined} hidden `CUDA_VISIBLE_DEVICES`, where it is set.
 * @property {"cpu" | "gpu" | undefined} wheel What the installed TensorFlow is made for.
 * @property {string | undefined} running What the engine runs on; `undefined` when it doesn't load.
 */

/**
 * @param {"cpu" | "gpu" | undefined} wheel
 * @param {string | undefined} running
 * @param {string | undefined} packages The folder of Python's packages.
 */
export function findGpus(wheel, running, packages) {
  const ask = (/** @type {string} */ what) =>
    outputOf(["nvidia-smi", `--query-gpu=${what}`, "--format=csv,noheader"]);
  const lies = (/** @type {string} */ file) =>
    fs.existsSync(path.join(packages ?? "", "nvidia", file));
  return describeGpus({
    driver: hasNvidiaDriver(),
    listed: ask("name,memory.total"),
    version: ask("driver_version")?.split("\n")[0],
    missing: Object.entries(parts)
      .filter(([, file]) => !lies(file))
      .map(([part]) => part),
    hidden: process.env.CUDA_VISIBLE_DEVICES,
    wheel,
    running,
  });
}

/**
 * @param {Gpus} gpus
 * @returns {import("./checks.mjs").Finding}
 */
export function describeGpus({ driver, listed, version, missing, hidden, wheel, running }) {
  const name = "GPU";
  if (!driver)
    return { name, text: "none: this machine has no NVIDIA driver; TensorFlow runs on the CPU" };
  if (!listed) {
    return {
      name,
      text: "there is an NVIDIA driver, but nvidia-smi lists no GPU",
      hint: "run nvidia-smi; in a container, start it with access to the GPU (docker run --gpus all)",
    };
  }
  const lacks = missing.map((part) => `${part} is missing among NVIDIA's packages`).join("\n");
  const hint = "npm run setup -- --gpu";
  if (running === "GPU") {
    // TensorFlow runs without what XLA alone needs; then \`jitCompile\` does nothing.
    return lacks === "" ? { name, text: listed } : { name, text: `${listed}\n${lacks}`, hint };
  }
  if (wheel === "cpu") {
    return {
      name,
      text: `${listed}\nnot used: TensorFlow for the CPU is installed (npm run setup -- --gpu)`,
    };
  }
  if (hidden === "" || hidden === "-1") {
    return { name, text: `${listed}\nnot used: CUDA_VISIBLE_DEVICES hides it` };
  }
  if (version !== undefined && Number.parseInt(version, 10) < OLDEST_DRIVER) {
    return {
      name,
      text: `${listed}\nnot used: the driver, ${version}, is too old for CUDA 12`,
      hint: `install NVIDIA's driver ${OLDEST_DRIVER} or newer, on the machine itself if this is a container`,
    };
  }
  if (lacks !== "") return { name, text: `${listed}\nnot used: ${lacks}`, hint };
  return {
    name,
    text: `${listed}\nnot used by TensorFlow, although its package is the one for GPUs`,
    hint: "TF_CPP_MIN_LOG_LEVEL=0 node scripts/doctor/probe.cjs tells why",
  };
}
