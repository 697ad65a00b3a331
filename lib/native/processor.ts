/** What the processor can do. Needs nothing of TensorFlow, which has to be told before it is loaded. */
import fs from "node:fs";
import { EnvironmentError } from "../errors";

const featureFlags: [flag: string, name: string][] = [
  ["avx2", "AVX2"],
  ["avx512f", "AVX-512"],
  ["avx512_bf16", "AVX-512 BF16"],
  ["amx_bf16", "AMX BF16"],
];

/** Instruction sets that `CONVNETS_ISA` may name, each with the flags above the one before, and oneDNN's name of it. */
const instructionSets = [
  { name: "avx2", flags: /^(?!avx512|amx)/, oneDnn: "AVX2" },
  { name: "avx512", flags: /^avx512(?!_bf16)/, oneDnn: "AVX512_CORE" },
  { name: "avx512_bf16", flags: /^avx512_bf16/, oneDnn: "AVX512_CORE_BF16" },
  { name: "amx", flags: /^amx/, oneDnn: "AVX512_CORE_AMX" },
] as const;

/**
 * The most that may be used of the processor, by `CONVNETS_ISA`; undefined where that isn't set. It lets a processor stand
 * for a lesser one: for the library's kernels, and through oneDNN's own variable for TensorFlow's.
 *
 * @throws EnvironmentError for a name that isn't one.
 */
export function isaLimit(environment: NodeJS.ProcessEnv = process.env) {
  const { CONVNETS_ISA: wanted } = environment;
  if (!wanted) return undefined;
  const found = instructionSets.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  const names = instructionSets.map(({ name }) => name).join(", ");
  throw new EnvironmentError(`CONVNETS_ISA must be one of ${names}. Received: ${wanted}`);
}

/** The vector and matrix extensions that matter here, by name. */
export function processorFeatures(): string[] {
  return featureFlags.filter(([flag]) => processorHas(flag)).map(([, name]) => name);
}

/** Which variants of the library's own vector kernels the processor runs, best first. */
export function vectorKernels(): VectorKernels[] {
  const needs: [VectorKernels, string[]][] = [
    ["Avx512", ["avx512f", "avx512bw", "avx512vl"]],
    ["Avx2", ["avx2", "fma"]],
  ];
  return needs.filter(([, flags]) => flags.every(processorHas)).map(([kernels]) => kernels);
}

/** What names of the library's own ops end in (`lib/native/session/conv_pool.cc`). */
export type VectorKernels = "Avx512" | "Avx2";

let knownFlags: string[] | undefined;

/** Whether the processor has an extension, as the system names it, and may use it; no where the system doesn't say. */
export function processorHas(flag: string): boolean {
  if (knownFlags === undefined) {
    try {
      const info = fs.readFileSync("/proc/cpuinfo", "utf8");
      knownFlags = /^flags\s*:(.*)$/m.exec(info)?.[1]?.trim().split(/\s+/) ?? [];
    } catch {
      knownFlags = []; // not Linux
    }
  }
  return knownFlags.includes(flag) && isAllowed(flag);
}

function isAllowed(flag: string): boolean {
  const limit = isaLimit();
  if (limit === undefined) return true;
  const allowed = instructionSets.slice(0, instructionSets.indexOf(limit) + 1);
  return allowed.some(({ flags }) => flags.test(flag));
}
