/** Heaps of HDF5 files, by themselves: they are no files. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ModelFileError } from "../../lib/saving";
import { writeHdf5 } from "../../lib/saving/hdf5";
import { checkHeaps } from "../../lib/saving/hdf5Heaps";

/** A heap of some texts, and what is free behind them. */
function heap(...sizes: [index: number, size: number][]): Buffer {
  const parts = sizes.map(([index, size]) => {
    const object = Buffer.alloc(
      16 + (index === 0 ? Math.max(0, size - 16) : 8 * Math.ceil(size / 8)),
    );
    object.writeUInt16LE(index, 0);
    object.writeBigUInt64LE(BigInt(size), 8);
    return object;
  });
  const header = Buffer.alloc(16);
  header.write("GCOL\x01", "latin1");
  header.writeBigUInt64LE(BigInt(16 + parts.reduce((all, { length }) => all + length, 0)), 8);
  return Buffer.concat([Buffer.from("before"), header, ...parts, Buffer.from("behind")]);
}

test("a heap whose objects lead from one to the next is let through, and so is what only looks like one", async () => {
  checkHeaps(heap([1, 5], [2, 64], [0, 48]));
  checkHeaps(heap([1, 5]));
  checkHeaps(heap());
  checkHeaps(Buffer.from("GCOL"));
  checkHeaps(Buffer.from("GCOL\x01\0\0\0".padEnd(64, "\xff"), "latin1"));
  const text = "a text that is long enough for a heap of its own ".repeat(200);
  checkHeaps(await writeHdf5((file) => file.attribute("group", "name", text)));
});

test("an object without a size, or beyond the heap's end, is refused", () => {
  for (const damaged of [heap([1, 5], [0, 0]), heap([0, 8]), heap([1, 5], [0, 0], [2, 8])]) {
    assert.throws(
      () => checkHeaps(damaged),
      (error: Error) => {
        assert.ok(error instanceof ModelFileError);
        assert.match(error.message, /is a damaged HDF5 file: an object of its heap has [08] bytes/);
        return true;
      },
    );
  }
  const beyond = heap([1, 16], [0, 32]);
  beyond.writeBigUInt64LE(4096n, 6 + 16 + 8);
  assert.throws(() => checkHeaps(beyond), /an object of its heap has 4096 bytes/);
});
