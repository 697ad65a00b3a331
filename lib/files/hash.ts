/** Short names for large things: hashes of numbers and of plain data. */
import { createHash } from "node:crypto";
import { setImmediate as pause } from "node:timers/promises";

/** What is hashed in some milliseconds. */
const partBytes = 2 ** 23;

/** SHA-256 of plain data, as JSON; functions count by name, source text and own properties, not by what they capture. */
export function hashOf(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(value, describeFunctions) ?? "")
    .digest("hex");
}

function describeFunctions(_key: string, value: unknown): unknown {
  if (typeof value === "function") return { function: [value.name, String(value)], ...value };
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value;
}

/** SHA-256 of the bytes of arrays, in parts between which the event loop turns. */
export async function hashArrays(arrays: Iterable<ArrayBufferView>): Promise<string> {
  const hash = createHash("sha256");
  let sincePause = 0;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    for (let start = 0; start < byteLength; start += partBytes) {
      const length = Math.min(partBytes, byteLength - start);
      hash.update(new Uint8Array(buffer, byteOffset + start, length));
      sincePause += length;
      if (sincePause >= partBytes) {
        sincePause = 0;
        await pause();
      }
    }
  }
  return hash.digest("hex");
}
