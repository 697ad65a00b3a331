import type { PixelCache } from "./pixelCache";

/** Images in memory. */
export class MemoryCache implements PixelCache {
  private readonly images = new Map<number, Uint8Array>();

  has(indices: readonly number[]): boolean {
    return indices.every((index) => this.images.has(index));
  }

  read(indices: readonly number[]): Uint8Array[] {
    return indices.map((index) => this.images.get(index)!);
  }

  async write(indices: readonly number[], pixels: Uint8Array): Promise<void> {
    const bytes = pixels.length / indices.length;
    for (const [place, index] of indices.entries()) {
      this.images.set(index, pixels.slice(place * bytes, (place + 1) * bytes));
    }
  }
}
