/** What the processor can do. Needs nothing of TensorFlow, which has to be told before it is loaded. */
import fs from "node:fs";

const featureFlags: [flag: string, name: string][] = [
  ["avx2", "AVX2"],
  ["avx512f", "AVX-512"],
  ["avx512_bf16", "AVX-512 BF16"],
  ["amx_bf16", "AMX BF16"],
];

/** The vector and matrix extensions that matter here, by name. */
export function processorFeatures(): string[] {
  return featureFlags.filter(([flag]) => processorHas(flag)).map(([, name]) => name);
}

let knownFlags: string[] | undefined;

/** Whether the processor has an extension, as the system names it; no where the system doesn't say. */
export function processorHas(flag: string): boolean {
  if (knownFlags === undefined) {
    try {
      const info = fs.readFileSync("/proc/cpuinfo", "utf8");
      knownFlags = /^flags\s*:(.*)$/m.exec(info)?.[1]?.trim().split(/\s+/) ?? [];
    } catch {
      knownFlags = []; // not Linux
    }
  }
  return knownFlags.includes(flag);
}
