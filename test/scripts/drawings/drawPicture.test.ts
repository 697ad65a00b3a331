import assert from "node:assert/strict";
import { describe, it } from "node:test";
import sharp from "sharp";
import { emojiLibrary, heldOutSets } from "../../../scripts/drawings/emoji";
import { drawPicture } from "../../../scripts/drawings/photograph";

describe("drawPicture", () => {
  it("draws the same picture for the same seed, class and index, and another for another", async () => {
    const first = await drawPicture({ animal: "dog", index: 5, seed: 1 });
    assert.deepEqual(await drawPicture({ animal: "dog", index: 5, seed: 1 }), first);
    for (const other of [
      { animal: "cat", index: 5, seed: 1 },
      { animal: "dog", index: 6, seed: 1 },
      { animal: "dog", index: 5, seed: 2 },
    ] as const) {
      assert.notDeepEqual(await drawPicture(other), first);
    }
  });

  it("varies sizes as photographs do", async () => {
    const sizes = await Promise.all(
      Array.from({ length: 24 }, async (_, index) => {
        const { width, height, format } = await sharp(
          await drawPicture({ animal: "cat", index, seed: 1 }),
        ).metadata();
        assert.equal(format, "jpeg");
        assert.ok(width >= 200 && width <= 500 && height >= 200 && height <= 500);
        return `${width}×${height}`;
      }),
    );
    assert.ok(new Set(sizes).size > 18);
    assert.ok(sizes.some((size) => Number.parseInt(size, 10) < Number(size.split("×")[1])));
  });

  it("has both classes in every style group that it chooses from", () => {
    const { animals } = emojiLibrary();
    for (const animal of ["cat", "dog"] as const) {
      for (const kind of ["heads", "bodies"] as const) {
        const held = animals[animal][kind].filter(({ set }) => heldOutSets.includes(set)).length;
        const rest = animals[animal][kind].length - held;
        assert.ok(
          held >= 3 && rest >= 5,
          `${animal} ${kind}: ${rest} for training, ${held} held out`,
        );
      }
    }
  });
});
