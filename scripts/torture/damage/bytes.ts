/** Damage to bytes, as disks, networks and careless programs do it. */
import type { Chance } from "./random";

type Damage = (bytes: Buffer, chance: Chance) => Buffer;

/** What may happen, by name. */
const damages: Record<string, Damage> = {
  "a bit flipped"(bytes, chance) {
    bytes[chance.below(bytes.length)]! ^= 1 << chance.below(8);
    return bytes;
  },
  "some bytes changed"(bytes, chance) {
    for (let i = 1 + chance.below(16); i > 0; i--) {
      bytes[chance.below(bytes.length)] = chance.below(256);
    }
    return bytes;
  },
  "a number changed"(bytes, chance) {
    // Lengths and places in files are such numbers.
    const at = chance.below(Math.max(1, bytes.length - 8));
    const value = chance.of([0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 63n, 2n ** 64n - 1n]);
    if (bytes.length >= 8) bytes.writeBigUInt64LE(value, at);
    return bytes;
  },
  "the end lost"(bytes, chance) {
    return bytes.subarray(0, chance.below(bytes.length));
  },
  "bytes added"(bytes, chance) {
    const more = Buffer.from(Array.from({ length: 1 + chance.below(64) }, () => chance.below(256)));
    return chance.next() < 0.5 ? Buffer.concat([bytes, more]) : Buffer.concat([more, bytes]);
  },
  "a stretch of zeros"(bytes, chance) {
    const at = chance.below(bytes.length);
    return bytes.fill(0, at, Math.min(bytes.length, at + 1 + chance.below(512)));
  },
  "a stretch lost"(bytes, chance) {
    const at = chance.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + chance.below(64))]);
  },
  "a stretch moved"(bytes, chance) {
    const length = 1 + chance.below(256);
    const [from, to] = [chance.below(bytes.length), chance.below(bytes.length)];
    bytes.copy(bytes, to, from, from + length);
    return bytes;
  },
};

/** Damages a copy of some bytes. */
export function damaged(bytes: Uint8Array, chance: Chance): { bytes: Buffer; what: string } {
  const what = chance.of(Object.keys(damages));
  return { bytes: damages[what]!(Buffer.from(bytes), chance), what };
}
