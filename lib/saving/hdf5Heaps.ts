/** A look at the heaps of an HDF5 file before HDF5 itself goes through them: one of zeros would keep it busy for ever. */
import { ModelFileError } from "./json";

const SIGNATURE = "GCOL";
/** Of a heap, and of each object in it. */
const HEADER = 16;

/**
 * Refuses a global heap, where HDF5 keeps texts, whose objects don't lead from one to the next.
 *
 * @param file The file's whole content.
 * @throws ModelFileError when one is damaged.
 * @see https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html#GlobalHeap
 */
export function checkHeaps(file: Uint8Array): void {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  let at = bytes.indexOf(SIGNATURE, 0, "latin1");
  for (; at >= 0; at = bytes.indexOf(SIGNATURE, at + 1, "latin1")) {
    // Numbers of an array may look like the signature; like a whole header, hardly.
    const isHeap = at + HEADER <= bytes.length && bytes.readUInt32LE(at + 4) === 1;
    const size = isHeap ? Number(bytes.readBigUInt64LE(at + 8)) : 0;
    if (size >= HEADER && at + size <= bytes.length) checkHeap(bytes.subarray(at, at + size));
  }
}

function checkHeap(heap: Buffer): void {
  for (let at = HEADER; at + HEADER <= heap.length; ) {
    const isFree = heap.readUInt16LE(at) === 0;
    const size = Number(heap.readBigUInt64LE(at + 8));
    // What is free counts its header, and texts fill up to eight bytes.
    const length = isFree ? size : HEADER + 8 * Math.ceil(size / 8);
    if (length < HEADER || at + length > heap.length) {
      throw new ModelFileError(
        `is a damaged HDF5 file: an object of its heap has ${size} bytes, which can't be`,
      );
    }
    at += length;
  }
}
