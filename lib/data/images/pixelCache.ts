/** Keeps resized images, in memory or in a file, so that later passes decode nothing. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { invalidArgument } from "../../errors";
import { checkFilePlace, realPlace, removeAbandoned, settle, unfinishedPath } from "../../files";

/** A store of equally long images by number. */
export interface PixelCache {
  /** Whether all of these images are kept. */
  has(indices: readonly number[]): boolean;
  /** The images; nobody writes to them. */
  read(indices: readonly number[]): Uint8Array[];
  /** Keeps images. */
  write(indices: readonly number[], pixels: Uint8Array): Promise<void>;
}

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

const MAGIC = Buffer.from("convnets pixels\n");
const HEADER_BYTES = MAGIC.length + 32;

/** Raised when a file gives other pixels than before, so that caches are made anew. */
const DECODING = 2;

/**
 * Images in a file: a fingerprint of what was cached, then the pixels.
 *
 * It is filled under a temporary name and takes its own name when every image is in it, so the file is either
 * whole or not there. A file made of other images, or of images that have changed since, is made anew.
 */
export class FileCache implements PixelCache {
  private readonly fingerprint: Buffer;
  private readonly present = new Set<number>();
  private begun: Promise<void> | undefined;
  private partial = "";
  /** Where the images can be read; undefined while there are none. */
  private place: string | undefined;

  /**
   * @param file Where the cache is kept.
   * @param options.files The images in the order of their numbers.
   * @param options.imageBytes Length of each image.
   * @param options.settings What else the pixels depend on.
   * @throws InvalidArgumentError when something else than a cache is at `file`.
   */
  constructor(
    private readonly file: string,
    private readonly options: { files: readonly string[]; imageBytes: number; settings: unknown },
  ) {
    checkFilePlace("cache", file);
    this.fingerprint = Buffer.concat([MAGIC, fingerprintOf(options)]);
    const found = headerOf(file);
    if (found === undefined) return;
    if (!found.subarray(0, MAGIC.length).equals(MAGIC)) {
      throw invalidArgument("cache", {
        expected: "true, false or the path of a cache file",
        received: file,
        hint: "Something else is kept there; it was left as it is.",
      });
    }
    // Another process may take the file away meanwhile.
    const size = fs.statSync(file, { throwIfNoEntry: false })?.size;
    if (found.equals(this.fingerprint) && size === this.totalBytes) {
      this.place = file;
      for (const index of options.files.keys()) this.present.add(index);
    }
  }

  has(indices: readonly number[]): boolean {
    if (this.place === this.file && !this.isOwn()) this.forget();
    return indices.every((index) => this.present.has(index));
  }

  /** Whether the file is still of these images: another process may have replaced it by a cache of others. */
  private isOwn(): boolean {
    return headerOf(this.file)?.equals(this.fingerprint) ?? false;
  }

  private forget(): void {
    this.present.clear();
    this.begun = undefined;
    this.place = undefined;
  }

  read(indices: readonly number[]): Uint8Array[] {
    const { imageBytes } = this.options;
    const descriptor = fs.openSync(this.place!, "r");
    try {
      return indices.map((index) => {
        const pixels = new Uint8Array(imageBytes);
        fs.readSync(descriptor, pixels, 0, imageBytes, this.offset(index));
        return pixels;
      });
    } finally {
      fs.closeSync(descriptor);
    }
  }

  async write(indices: readonly number[], pixels: Uint8Array): Promise<void> {
    if (this.place === this.file) return;
    this.begun ??= this.begin();
    await this.begun;
    if (this.place === this.file) return; // another pass was faster
    const { imageBytes, files } = this.options;
    const descriptor = fs.openSync(this.partial, "r+");
    try {
      for (const [place, index] of indices.entries()) {
        fs.writeSync(descriptor, pixels, place * imageBytes, imageBytes, this.offset(index));
        this.present.add(index);
      }
      if (this.present.size === files.length) fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
    if (this.present.size === files.length) {
      fs.renameSync(this.partial, realPlace(this.file));
      settle(this.partial);
      this.place = this.file;
    }
  }

  private async begin(): Promise<void> {
    const target = realPlace(this.file);
    const folder = path.dirname(target);
    fs.mkdirSync(folder, { recursive: true });
    const prefix = `${path.basename(target)}.unfinished-`;
    await removeAbandoned(folder, { prefix });
    this.place = this.partial = unfinishedPath(folder, { prefix });
    fs.writeFileSync(this.partial, this.fingerprint);
  }

  private get totalBytes(): number {
    return this.offset(this.options.files.length);
  }

  private offset(index: number): number {
    return HEADER_BYTES + index * this.options.imageBytes;
  }
}

function headerOf(file: string): Buffer | undefined {
  let descriptor: number;
  try {
    descriptor = fs.openSync(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    return header.subarray(0, fs.readSync(descriptor, header, 0, HEADER_BYTES, 0));
  } finally {
    fs.closeSync(descriptor);
  }
}

function fingerprintOf(options: {
  files: readonly string[];
  imageBytes: number;
  settings: unknown;
}): Buffer {
  const what = [options.imageBytes, options.settings, DECODING];
  const hash = createHash("sha256").update(JSON.stringify(what));
  for (const file of options.files) {
    const { size, mtimeMs } = fs.statSync(file);
    hash.update(`\n${path.resolve(file)}\t${size}\t${mtimeMs}`);
  }
  return hash.digest();
}
