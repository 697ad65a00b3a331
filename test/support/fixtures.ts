/** Compares results with fixtures kept beside the tests; `UPDATE_FIXTURES=1` writes them anew. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import sharp from "sharp";
import { repositoryRoot } from "./python";

const isUpdating = process.env.UPDATE_FIXTURES === "1";

/** The path of a fixture in the source tree, from a compiled test's folder. */
function fixturePath(testFolder: string, name: string): string {
  const folder = path.join(
    repositoryRoot,
    path.relative(path.join(repositoryRoot, ".build"), testFolder),
    "fixtures",
  );
  mkdirSync(folder, { recursive: true });
  return path.join(folder, name);
}

/** Asserts that `value` equals the JSON fixture exactly. */
export function assertMatchesJson(testFolder: string, name: string, value: unknown): void {
  const file = fixturePath(testFolder, `${name}.json`);
  if (isUpdating) writeFileSync(file, `${JSON.stringify(value, undefined, 1)}\n`);
  const plain: unknown = JSON.parse(JSON.stringify(value));
  assert.deepEqual(plain, JSON.parse(readFileSync(file, "utf8")));
}

/**
 * Asserts that a picture looks like its fixture: both at half size, where the anti-aliasing of edges no longer counts,
 * no patch of 4 × 4 pixels may differ by more than an eighth of the range. A failure leaves `NAME-changed.png` beside
 * the fixture.
 */
export async function assertLooksLike(
  testFolder: string,
  name: string,
  png: Uint8Array,
): Promise<void> {
  const file = fixturePath(testFolder, `${name}.png`);
  const { width = 0 } = await sharp(png).metadata();
  const small = await sharp(png)
    .resize({ width: Math.round(width / 2) })
    .png({ palette: true })
    .toBuffer();
  if (isUpdating) writeFileSync(file, small);
  const changed = fixturePath(testFolder, `${name}-changed.png`);
  rmSync(changed, { force: true });
  const problem = existsSync(file) ? await difference(small, file) : "there is no fixture";
  if (problem === undefined) return;
  writeFileSync(changed, small);
  assert.fail(`${name}: ${problem}; see ${changed}`);
}

async function difference(actual: Buffer, file: string): Promise<string | undefined> {
  const [one, two] = await Promise.all([patches(actual), patches(file)]);
  if (one.size !== two.size) return `the picture is ${one.size}, the fixture ${two.size}`;
  const worst = one.data.reduce((most, v, i) => Math.max(most, Math.abs(v - two.data[i]!)), 0);
  return worst > 32 ? `a patch differs by ${worst} of 255` : undefined;
}

/** The mean colour of each patch of 4 × 4 pixels. */
async function patches(image: Buffer | string): Promise<{ size: string; data: Buffer }> {
  const { width = 0, height = 0 } = await sharp(image).metadata();
  const data = await sharp(image)
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb")
    .resize(Math.ceil(width / 4), Math.ceil(height / 4), { fit: "fill", kernel: "linear" })
    .raw()
    .toBuffer();
  return { size: `${width} × ${height}`, data };
}
