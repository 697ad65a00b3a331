// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { StepError } from "../../scripts/setup/errors.mjs";
import { requirePlatform, thisMachine } from "../../scripts/setup/platform.mjs";

const good = { platform: "linux", arch: "x64", glibc: "2.36", node: "20.20.2" };

/** @param {Partial<typeof good>} difference */
function refusal(difference) {
  try {
    requirePlatform({ ...good, ...difference });
  } catch (error) {
    assert.ok(error instanceof StepError);
    return error;
  }
  assert.fail("it was not refused");
}

test("requirePlatform() accepts this machine and the tested versions of Node", () => {
  requirePlatform(thisMachine());
  for (const node of ["20.0.0", "22.23.3", "24.21.0"]) requirePlatform({ ...good, node });
});

test("requirePlatform() names the systems that are tested, and sends Windows to WSL", () => {
  const { message, todo } = refusal({ platform: "win32" });
  assert.match(message, /can't run on win32 x64.*Linux x86-64.*Tested: .*Node 20, 22 and 24/);
  assert.match(todo, /WSL 2/);
});

test("requirePlatform() refuses macOS and ARM", () => {
  assert.match(refusal({ platform: "darwin", arch: "arm64" }).message, /darwin arm64/);
  assert.match(refusal({ arch: "arm64" }).message, /linux arm64/);
});

test("requirePlatform() refuses a Linux without glibc and names an image that has it", () => {
  const { message, todo } = refusal({ glibc: undefined });
  assert.match(message, /musl.*needs glibc/);
  assert.match(todo, /bookworm/);
});

test("requirePlatform() refuses a Node that is too old", () => {
  assert.match(refusal({ node: "18.20.0" }).message, /needs Node 20 or newer; this is Node 18/);
});
