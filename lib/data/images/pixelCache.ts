/** Keeps resized images, in memory or in a file, so that later passes decode nothing. */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { crc32 } from "node:zlib";
import { ConvnetsError, invalidArgument } from "../../errors";
import {
  diskFault,
  makeFolder,
  readFullySync,
  removeAbandoned,
  unfinishedPath,
  writeFullySync,
} from "../../files";

/** A store of equally long images by number. */
export interface PixelCache {
  /** Whether all of these images are kept. */
  has(indices: readonly number[]): boolean;
  /** The images; nobody writes to them. Undefined when they turn out to be damaged, and are no longer kept. */
  read(indices: readonly number[]): Uint8Array[] | undefined;
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

/** Raised when a file gives other pixels than before, or they are kept in another way, so that caches are made anew. */
const FORMAT = 3;

/**
 * Images in a file: a fingerprint of what was cached, the pixels, and the checksum of each image.
 *
 * It is filled under a temporary name and takes its own name when every image is in it, so the file is either
 * whole or not there. A file made of other images, or of images that have changed since, is made anew; so is one whose
 * pixels are no longer those that were written.
 */
export class FileCache implements PixelCache {
  private readonly fingerprint: Buffer;
  private readonly present = new Set<number>();
  /** CRC-32 of each image that is present. */
  private readonly sums: Uint32Array;
  private begun: Promise<void> | undefined;
  private partial = "";
  /** Whether the disk has refused an image: no other is kept then, also of batches that are loaded ahead. */
  private isRefused = false;
  /** Where the images can be read; undefined while there are none. */
  private place: string | undefined;

  /**
   * @param file Where the cache is kept.
   * @param options.files The images in the order of their numbers.
   * @param options.imageBytes Length of each image.
   * @param options.settings What else the pixels depend on.
   * @param options.note Told when the file turns out to be damaged.
   * @throws InvalidArgumentError when something else than a cache is at `file`.
   */
  constructor(
    private readonly file: string,
    private readonly options: {
      files: readonly string[];
      imageBytes: number;
      settings: unknown;
      note: (text: string) => void;
    },
  ) {
    this.fingerprint = Buffer.concat([MAGIC, fingerprintOf(options)]);
    this.sums = new Uint32Array(options.files.length);
    const found = headerOf(file);
    if (found === undefined) return;
    if (!found.subarray(0, MAGIC.length).equals(MAGIC)) {
      throw invalidArgument("cache", {
        expected: "true, false or the path of a cache file",
        received: file,
        hint: "Something else is kept there; it was left as it is.",
      });
    }
    if (!found.equals(this.fingerprint)) return;
    if (!this.readSums()) {
      this.sayDamaged();
      return;
    }
    this.place = file;
    for (const index of options.files.keys()) this.present.add(index);
  }

  has(indices: readonly number[]): boolean {
    return indices.every((index) => this.present.has(index));
  }

  read(indices: readonly number[]): Uint8Array[] | undefined {
    try {
      return this.images(indices);
    } catch {
      // Gone or unreadable is no better than damaged, and mended in the same way.
      this.sayDamaged();
      this.forget();
      return undefined;
    }
  }

  /** @throws When one of the images isn't what was written. */
  private images(indices: readonly number[]): Uint8Array[] {
    const descriptor = fs.openSync(this.place!, "r");
    try {
      return indices.map((index) => {
        const pixels = new Uint8Array(this.options.imageBytes);
        const isWhole = readFullySync(descriptor, pixels, this.offset(index));
        if (!isWhole || crc32(pixels) !== this.sums[index]) throw new ConvnetsError("damaged");
        return pixels;
      });
    } finally {
      fs.closeSync(descriptor);
    }
  }

  /** @throws EnvironmentError naming the file when the disk is full, read-only or gone. */
  async write(indices: readonly number[], pixels: Uint8Array): Promise<void> {
    if (this.place === this.file || this.isRefused) return;
    this.begun ??= this.begin();
    const { begun } = this;
    try {
      await begun;
      // Another pass was faster, or found damage and began anew.
      if (this.place === this.file || this.begun !== begun) return;
      this.append(indices, pixels);
    } catch (error) {
      this.isRefused = true;
      if (this.begun === begun) this.forget();
      throw diskFault(error, this.file);
    }
  }

  private append(indices: readonly number[], pixels: Uint8Array): void {
    const { imageBytes, files } = this.options;
    const descriptor = fs.openSync(this.partial, "r+");
    try {
      for (const [place, index] of indices.entries()) {
        const image = pixels.subarray(place * imageBytes, (place + 1) * imageBytes);
        writeFullySync(descriptor, image, this.offset(index));
        this.sums[index] = crc32(image);
        this.present.add(index);
      }
      if (this.present.size < files.length) return;
      writeFullySync(descriptor, this.sumBytes(), this.offset(files.length));
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
    fs.renameSync(this.partial, this.file);
    this.place = this.file;
  }

  private async begin(): Promise<void> {
    const folder = path.dirname(this.file);
    makeFolder(folder);
    const prefix = `${path.basename(this.file)}.unfinished-`;
    await removeAbandoned(folder, { prefix });
    this.place = this.partial = unfinishedPath(folder, { prefix });
    fs.writeFileSync(this.partial, this.fingerprint);
  }

  /** Begins anew with the next image; a damaged file stays until a whole one takes its place. */
  private forget(): void {
    this.present.clear();
    this.begun = undefined;
    this.place = undefined;
    const { partial } = this;
    this.partial = "";
    if (partial === "") return;
    try {
      fs.rmSync(partial, { force: true });
    } catch {
      // On a disk that fails it stays; it has no name that anybody reads.
    }
  }

  private sayDamaged(): void {
    this.options.note(`${this.file} is damaged: its images are read from their files again.`);
  }

  /** The checksums of the images, and their own. */
  private sumBytes(): Buffer {
    const bytes = Buffer.alloc(4 * this.sums.length + 4);
    for (const [index, sum] of this.sums.entries()) bytes.writeUInt32LE(sum, 4 * index);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
    return bytes;
  }

  /** Takes the checksums from the finished file; false when it isn't whole. */
  private readSums(): boolean {
    const bytes = Buffer.alloc(4 * this.sums.length + 4);
    const start = this.offset(this.sums.length);
    const descriptor = fs.openSync(this.file, "r");
    try {
      if (fs.fstatSync(descriptor).size !== start + bytes.length) return false;
      if (!readFullySync(descriptor, bytes, start)) return false;
    } finally {
      fs.closeSync(descriptor);
    }
    if (bytes.readUInt32LE(bytes.length - 4) !== crc32(bytes.subarray(0, -4))) return false;
    for (const index of this.sums.keys()) this.sums[index] = bytes.readUInt32LE(4 * index);
    return true;
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
  const what = [options.imageBytes, options.settings, FORMAT];
  const hash = createHash("sha256").update(JSON.stringify(what));
  for (const file of options.files) {
    const { size, mtimeMs } = fs.statSync(file);
    hash.update(`\n${path.resolve(file)}\t${size}\t${mtimeMs}`);
  }
  return hash.digest();
}
