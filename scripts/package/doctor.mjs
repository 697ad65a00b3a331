// @ts-check
/** What the package finds: the machine, TensorFlow, and whether it runs. */
import { report } from "../doctor/report.mjs";
import { StepError } from "../setup/errors.mjs";
import { requirePlatform, thisMachine } from "../setup/platform.mjs";
import { askEngine } from "./engine.mjs";
import { usersKernel } from "./kernel.mjs";
import { findLibraries, sharedFolder, tensorflowVersion } from "./library.mjs";

/** Prints what is there; ends with 1 where something is missing. */
export function doctor() {
  const machine = thisMachine();
  const findings = [
    examined("Machine", () => {
      requirePlatform(machine);
      return `Node ${machine.node}, ${machine.platform} ${machine.arch}, glibc ${machine.glibc}`;
    }),
    examined("TensorFlow", () => {
      const found = findLibraries();
      if (found !== undefined) return `${tensorflowVersion}, ${found.folder}`;
      const places = `${sharedFolder()} or the active Python environment`;
      throw new StepError(`${tensorflowVersion} is not in ${places}`, {
        todo: "npx convnets setup",
      });
    }),
    examined("Engine", askEngine),
    examined("Kernel", usersKernel),
  ];
  console.log(report(findings));
  process.exitCode = findings.some(({ hint }) => hint !== undefined) ? 1 : 0;
}

/**
 * @param {string} name
 * @param {() => string} examine
 * @returns {import("../doctor/checks.mjs").Finding}
 */
function examined(name, examine) {
  try {
    return { name, text: examine() };
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    const { message, details, todo } = error;
    return { name, text: details ? `${message}\n${details}` : message, hint: todo };
  }
}
