// @ts-check
/** The GPUs that the driver shows, and why TensorFlow uses none where it doesn't. */
import { outputOf } from "../setup/command.mjs";
import { hasNvidiaDriver } from "../setup/device.mjs";

/**
 * @typedef {object} Gpus What was found out about the machine.
 * @property {boolean} driver Whether there is an NVIDIA driver.
 * @property {string | undefined} listed The driver's list: a line `name, memory` for each GPU.
 * @property {string | undefined} hidden `CUDA_VISIBLE_DEVICES`, where it is set.
 * @property {"cpu" | "gpu" | undefined} wheel What the installed TensorFlow is made for.
 * @property {string | undefined} running What the engine runs on; `undefined` when it doesn't load.
 */

/**
 * @param {"cpu" | "gpu" | undefined} wheel
 * @param {string | undefined} running
 */
export function findGpus(wheel, running) {
  return describeGpus({
    driver: hasNvidiaDriver(),
    listed: outputOf(["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"]),
    hidden: process.env.CUDA_VISIBLE_DEVICES,
    wheel,
    running,
  });
}

/**
 * @param {Gpus} gpus
 * @returns {import("./checks.mjs").Finding}
 */
export function describeGpus({ driver, listed, hidden, wheel, running }) {
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
  if (running === "GPU") return { name, text: listed };
  if (wheel === "cpu") {
    return {
      name,
      text: `${listed}\nnot used: TensorFlow for the CPU is installed (npm run setup -- --gpu)`,
    };
  }
  if (hidden === "" || hidden === "-1") {
    return { name, text: `${listed}\nnot used: CUDA_VISIBLE_DEVICES hides it` };
  }
  return {
    name,
    text: `${listed}\nnot used by TensorFlow, although its package is the one for GPUs`,
    hint: "TF_CPP_MIN_LOG_LEVEL=0 node scripts/doctor/probe.cjs tells why (CUDA 12 needs driver 525 or newer)",
  };
}
