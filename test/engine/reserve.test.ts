import assert from "node:assert/strict";
import fs from "node:fs";
import { test } from "node:test";
import { reserveMemory, takesRegions } from "../../lib/engine";
import { tf } from "../../lib/tfjs";

const MIB = 2 ** 20;

/** A line of /proc/self/status, in bytes: VmSize is the address space, VmRSS what is used of it. */
function memory(name: "VmSize" | "VmRSS"): number {
  const status = fs.readFileSync("/proc/self/status", "utf8");
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)![1]) * 1024;
}

const skip = !takesRegions() && "TensorFlow takes no regions: a GPU, or no oneDNN";

test("a reserved region is address space, not memory, and leaves no tensor", { skip }, () => {
  tf.ones([10]).dispose(); // the first tensor starts TensorFlow
  const before = tf.memory().numTensors;
  const [size, used] = [memory("VmSize"), memory("VmRSS")];
  reserveMemory(256 * MIB);
  assert.ok(memory("VmSize") - size >= 256 * MIB);
  assert.ok(memory("VmRSS") - used < 64 * MIB);
  assert.equal(tf.memory().numTensors, before);
});

test("a region is reserved once, and a larger one later", { skip }, () => {
  const size = memory("VmSize");
  reserveMemory(256 * MIB);
  reserveMemory(100 * MIB);
  assert.ok(memory("VmSize") - size < 64 * MIB);
  reserveMemory(512 * MIB);
  assert.ok(memory("VmSize") - size >= 512 * MIB);
});

const skipWithRegions = takesRegions() && "TensorFlow takes regions here";

test("where TensorFlow takes no regions, nothing is asked for", { skip: skipWithRegions }, () => {
  const size = memory("VmSize");
  reserveMemory(1024 * MIB);
  assert.ok(memory("VmSize") - size < 64 * MIB);
});
