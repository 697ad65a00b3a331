// @ts-check
/** Whether TensorFlow is installed for a GPU: what the user said last, or what the machine has. */
import fs from "node:fs";
import path from "node:path";
import { which } from "./command.mjs";
import { readIfThere } from "./stamps.mjs";

/** @typedef {"cpu" | "gpu" | "auto"} DeviceChoice */

/** Whether the machine has an NVIDIA driver. */
export function hasNvidiaDriver() {
  return fs.existsSync("/proc/driver/nvidia/version") || which("nvidia-smi") !== undefined;
}

/**
 * Keeps the user's choice for later commands.
 * @param {string} file
 * @param {DeviceChoice} choice
 */
export function keepDeviceChoice(file, choice) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${choice}\n`);
}

/**
 * @param {string} file Where the user's choice is kept.
 * @param {() => boolean} [hasDriver] Asks the machine by default.
 * @returns {"cpu" | "gpu"}
 */
export function chosenDevice(file, hasDriver = hasNvidiaDriver) {
  const choice = readIfThere(file)?.trim();
  if (choice === "cpu" || choice === "gpu") return choice;
  return hasDriver() ? "gpu" : "cpu";
}
