// @ts-check
/** How JupyterLab is started. */
import { kernelName } from "./kernelSpec.mjs";

/**
 * JupyterLab's options: new notebooks are this kernel's.
 * @param {readonly string[]} line What the user has given besides.
 */
export function labOptions(line) {
  const asRoot = process.getuid?.() === 0 ? ["--allow-root"] : [];
  return [`--MultiKernelManager.default_kernel_name=${kernelName}`, ...asRoot, ...line];
}
