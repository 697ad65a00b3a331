// @ts-check
/** Finds what compiles the native files: the system's C++ compiler, or else the one that PyPI has. */
import fs from "node:fs";
import { which } from "./command.mjs";

const names = ["g++", "c++", "clang++"];

/**
 * @typedef {object} Compiler
 * @property {string} name
 * @property {string[]} command
 * @property {string} identity Changes when the compiler does.
 */

/**
 * The system's C++ compiler.
 * @param {NodeJS.ProcessEnv} [environment] `CXX` (with its own arguments, if any) goes before the PATH.
 * @returns {Compiler | undefined}
 */
export function systemCompiler(environment = process.env) {
  const wanted = environment.CXX?.trim() ? [environment.CXX.trim()] : names;
  for (const candidate of wanted) {
    const [program = "", ...args] = candidate.split(/\s+/);
    const found = which(program, environment.PATH);
    if (found === undefined) continue;
    const { size, mtimeMs } = fs.statSync(found);
    const identity = `${candidate} ${size} ${mtimeMs}`;
    return { name: candidate, command: [found, ...args], identity };
  }
  return undefined;
}

/**
 * The compiler that the virtual environment can hold: Zig's, a Clang with its own C++ library.
 * @param {string} python The environment's Python.
 * @param {string} version
 * @returns {Compiler}
 */
export function ziglang(python, version) {
  return {
    name: "ziglang",
    command: [python, "-m", "ziglang", "c++"],
    identity: `ziglang ${version}`,
  };
}
