/** How much a file of digits may unpack to. */
import { formatBytes } from "../../text";
import { DataFileError } from "../dataFileError";

/** Digits shrink to a fifth or so; a thousandth, which formats allow, is none. */
const MAX_RATIO = 100;
/** A few blank pictures may shrink to almost nothing. */
const ALWAYS_ALLOWED_BYTES = 1 << 24;
/** More digits than any collection of them has. */
const NEVER_ALLOWED_BYTES = 2 ** 31 - 1;

/** The most bytes that each array of a packed file of this size may have. */
export function mostUnpackedBytes(packedBytes: number): number {
  const bytes = Math.max(ALWAYS_ALLOWED_BYTES, MAX_RATIO * packedBytes);
  return Math.min(bytes, NEVER_ALLOWED_BYTES);
}

/** The error for a file that unpacks to more. */
export function tooLarge(name: string, packedBytes: number): DataFileError {
  const most = formatBytes(mostUnpackedBytes(packedBytes));
  return new DataFileError(
    name,
    `it unpacks to more than ${most}, which no digits in ${formatBytes(packedBytes)} do`,
  );
}
