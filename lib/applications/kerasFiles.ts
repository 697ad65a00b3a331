/** Keras' own files of weights: in its folder of models, or downloaded to there. */
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { DownloadError, type DownloadFileOptions, downloadFile } from "../data";
import { ConvnetsError } from "../errors";
import { checksumOf } from "../files";
import { onInterrupt } from "../notebook";

/** A file of weights as Keras publishes it. */
export interface KerasFile {
  /** Its folder below `address`: `"vgg16"`; empty for none. */
  folder: string;
  name: string;
  /** As in Keras' source: MD5, or SHA-256 where it is longer. Keras has none for some networks. */
  hash: string | undefined;
  /** Where Keras has its folder. @default Google's, of most networks */
  address?: string;
}

/** The files of a network with its top and without. */
export interface KerasFiles {
  withTop: KerasFile;
  withoutTop: KerasFile;
}

const GOOGLE = "https://storage.googleapis.com/tensorflow/keras-applications/";

const sha256Digits = 64;

/** Longest silence of a server before it counts as out of reach. */
const QUICK_TIMEOUT_MS = 4000;

/** Files that are named as most of Keras' are. */
export function usualFiles(
  network: string,
  options: { folder: string; hashes: [withTop: string, withoutTop: string] },
): KerasFiles {
  const { folder, hashes } = options;
  const name = `${network}_weights_tf_dim_ordering_tf_kernels`;
  return {
    withTop: { folder, name: `${name}.h5`, hash: hashes[0] },
    withoutTop: { folder, name: `${name}_notop.h5`, hash: hashes[1] },
  };
}

/** Keras' folder of models: `~/.keras/models`, or in `KERAS_HOME`. */
function kerasModelsFolder(): string {
  return path.join(process.env.KERAS_HOME ?? path.join(os.homedir(), ".keras"), "models");
}

/** Weights that are neither there nor to be downloaded. */
export class WeightsUnavailableError extends ConvnetsError {}

/**
 * The path of one of Keras' files, downloaded when it is not there.
 *
 * Without a network that is decided within seconds; a download that has begun is continued and tried again.
 *
 * @throws WeightsUnavailableError saying why it can't be had; ConvnetsError when the user interrupts. Nothing but a
 *   `.part` file to continue from is left.
 */
export async function kerasFile(
  file: KerasFile,
  { baseUrl = file.address ?? GOOGLE, verbose }: { baseUrl?: string; verbose: 0 | 1 },
): Promise<{ path: string; downloaded: boolean }> {
  const place = path.join(kerasModelsFolder(), file.name);
  if (await isThere(place, file.hash)) return { path: place, downloaded: false };
  const url = new URL(path.posix.join(file.folder, file.name), baseUrl.replace(/\/*$/, "/"));
  const stop = new AbortController();
  const stopListening = onInterrupt(() => {
    const hint = "The next call goes on from there.";
    stop.abort(new ConvnetsError(`The download of ${file.name} was interrupted`, { hint }));
  });
  try {
    await fs.mkdir(path.dirname(place), { recursive: true });
    await download(url, {
      output: place,
      overwrite: true, // in Keras' own folder a file of this name is Keras'
      ...(file.hash === undefined ? {} : { [algorithmOf(file.hash)]: file.hash }),
      quiet: verbose === 0,
      signal: stop.signal,
    });
  } catch (cause) {
    if (!(cause instanceof DownloadError)) throw cause;
    throw new WeightsUnavailableError(`${file.name} can't be downloaded: ${cause.message}`, {
      hint: `Put the file into ${kerasModelsFolder()}, or get it once by Keras.`,
      cause,
    });
  } finally {
    stopListening();
  }
  return { path: place, downloaded: true };
}

/** Patient with a server that has begun to send, and with no other. */
async function download(
  url: URL,
  options: DownloadFileOptions & { output: string },
): Promise<void> {
  const received = async () =>
    (await fs.stat(`${options.output}.part`).catch(() => null))?.size ?? 0;
  const before = await received();
  try {
    await downloadFile(url, { ...options, timeoutMs: QUICK_TIMEOUT_MS, retries: 0 });
  } catch (error) {
    const hasBegun = (await received()) > before;
    if (!hasBegun || !(error instanceof DownloadError)) throw error;
    await downloadFile(url, options);
  }
}

/** True for a file with the right contents. */
async function isThere(place: string, hash: string | undefined): Promise<boolean> {
  const isFile = (await fs.stat(place).catch(() => undefined))?.isFile() ?? false;
  return isFile && (hash === undefined || (await checksumOf(place, algorithmOf(hash))) === hash);
}

function algorithmOf(hash: string): "md5" | "sha256" {
  return hash.length === sha256Digits ? "sha256" : "md5";
}
