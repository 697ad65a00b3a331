/** Whether a file is the one that is expected. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";

/** A file's checksum in hexadecimal digits, without holding the file in memory. */
export async function checksumOf(place: string, algorithm: "md5" | "sha256"): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(place, { highWaterMark: 2 ** 20 }), hash);
  return hash.digest("hex");
}
