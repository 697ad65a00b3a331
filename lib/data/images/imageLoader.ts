/** From paths to pixels: one TensorFlow graph for a batch, other ways for what that can't decode as wanted. */

import { ConvnetsError } from "../../errors";
import { type HostArray, type HostTensor, Session } from "../../graph";
import { DType } from "../../tfjs";
import { DataFileError } from "../dataFileError";
import {
  decodeBmpFile,
  decodeWithSharp,
  exifOrientation,
  mayLie,
  type Route,
  routeOf,
} from "./decodeElsewhere";
import { readImageHeader } from "./imageHeader";
import { type DecodedPixels, upright, withChannels } from "./pixels";
import { decodeGraph, fileGraph, type ImageGraph, pixelGraph } from "./resizeGraph";
import type { ResizeSettings } from "./settings";

/** How files are loaded. */
export interface LoaderSettings extends ResizeSettings {
  /** More pixels than this are refused before memory is taken for them. */
  maxPixels: number;
  /** Whether images are turned upright by their EXIF orientation. */
  exifOrientation: boolean;
  /** Whether files that can't be decoded are left out. */
  skipErrors: boolean;
  /** Told once for each kind of file that TensorFlow can't decode as wanted. */
  note: (text: string) => void;
}

/** What came of a list of paths. */
export interface LoadedImages {
  /** Pixels of the images that could be loaded, one after the other. */
  pixels: HostArray;
  /** Which of the paths these are. */
  loaded: number[];
}

/** Loads images of one size; its sessions go when the garbage collector finds it unused. */
export class ImageLoader {
  /** Files that were left out, with the reason. */
  readonly skipped = new Map<string, DataFileError>();

  private readonly sessions = new Map<number, RunnableGraph>();
  private pixelSession: RunnableGraph | undefined;
  private readonly decodeSessions = new Map<number, RunnableGraph>();
  private readonly routes = new Map<string, Route>();
  private readonly noted = new Set<string>();

  constructor(private readonly settings: LoaderSettings) {}

  /** How many values an image has. */
  get imageLength(): number {
    return this.settings.height * this.settings.width * this.settings.channels;
  }

  /** @throws DataFileError naming a file that can't be decoded, unless such files are skipped. */
  async load(paths: readonly string[]): Promise<LoadedImages> {
    const wanted = paths.map((_, index) => index).filter((index) => !this.isSkipped(paths[index]!));
    const candidates = wanted.map((index) => paths[index]!);
    if (candidates.length > 0 && (await this.allForTensorFlow(candidates))) {
      try {
        return { pixels: await this.runFiles(candidates), loaded: wanted };
      } catch {
        // One of them is damaged: go through them one by one to see which.
      }
    }
    return this.loadOneByOne(paths, wanted);
  }

  /** One picture as large as it is. @throws DataFileError naming the file when it can't be decoded. */
  async loadWhole(path: string): Promise<DecodedPixels> {
    try {
      return await this.decoded(path, await this.routeOf(path));
    } catch (cause) {
      throw fileError(path, cause);
    }
  }

  private isSkipped(path: string): boolean {
    return this.skipped.has(path);
  }

  private async loadOneByOne(paths: readonly string[], wanted: number[]): Promise<LoadedImages> {
    const results = await Promise.all(
      wanted.map((index) =>
        this.loadOne(paths[index]!).catch((cause) => fileError(paths[index]!, cause)),
      ),
    );
    const good: { index: number; pixels: HostArray }[] = [];
    for (const [place, result] of results.entries()) {
      const index = wanted[place]!;
      if (!(result instanceof DataFileError)) good.push({ index, pixels: result });
      else if (this.settings.skipErrors) this.skipped.set(paths[index]!, result);
      else throw result;
    }
    const length = this.imageLength;
    const size = length * good.length;
    const pixels = this.settings.dtype === "uint8" ? new Uint8Array(size) : new Float32Array(size);
    for (const [place, result] of good.entries())
      pixels.set(result.pixels as never, place * length);
    return { pixels, loaded: good.map(({ index }) => index) };
  }

  private async loadOne(path: string): Promise<HostArray> {
    const route = await this.routeOf(path);
    if (route.by === "batch") return this.runFiles([path]);
    const { shape, data } = await this.decoded(path, route);
    this.pixelSession ??= new RunnableGraph(pixelGraph(this.settings));
    return (await this.pixelSession.run({ dtype: DType.uint8, shape, data })).data as HostArray;
  }

  private async decoded(path: string, route: Route): Promise<DecodedPixels> {
    const picture = withChannels(await this.decode(path, route), this.settings.channels);
    return upright(picture, route.orientation);
  }

  private async decode(path: string, { by, channels }: Route): Promise<DecodedPixels> {
    const { maxPixels, exifOrientation: isUpright } = this.settings;
    if (by === "sharp") return decodeWithSharp(path, { maxPixels, upright: isUpright });
    if (by === "bmp") return decodeBmpFile(path);
    const session = this.decodeSessions.get(channels) ?? new RunnableGraph(decodeGraph(channels));
    this.decodeSessions.set(channels, session);
    const { shape, data } = await session.run({ dtype: DType.string, shape: [], data: [path] });
    const [height = 0, width = 0] = shape;
    return { shape: [height, width, channels], data: data as Uint8Array };
  }

  private async runFiles(paths: string[]): Promise<HostArray> {
    let session = this.sessions.get(paths.length);
    if (session === undefined) {
      session = new RunnableGraph(fileGraph(this.settings, paths.length));
      this.sessions.set(paths.length, session);
    }
    const feed = { dtype: DType.string, shape: [paths.length], data: paths };
    return (await session.run(feed)).data as HostArray;
  }

  private async allForTensorFlow(paths: string[]): Promise<boolean> {
    try {
      for (const path of paths) if ((await this.routeOf(path)).by !== "batch") return false;
      return true;
    } catch {
      return false; // the walk through the single files says which and why
    }
  }

  /** Which way a file takes; looked up once, so that later passes don't open the file twice. */
  private async routeOf(path: string): Promise<Route> {
    const known = this.routes.get(path);
    if (known !== undefined) return known;
    const header = readImageHeader(path);
    if (header === undefined) {
      throw new ConvnetsError("it is no image of a kind known here, or ends inside its header");
    }
    const { size } = header;
    if (size !== undefined && size.width * size.height > this.settings.maxPixels) {
      throw new ConvnetsError(
        `its header claims ${size.width}×${size.height} pixels, more than \`maxPixels\`=${this.settings.maxPixels}`,
      );
    }
    let route = routeOf(header, this.settings.channels);
    if (this.settings.exifOrientation && mayLie(header) && route.by !== "sharp") {
      const orientation = await exifOrientation(path);
      if (orientation > 1) route = turned(route, orientation);
    }
    if (route.reason !== undefined) this.noteOnce(route.reason, path, route);
    this.routes.set(path, route);
    return route;
  }

  private noteOnce(reason: string, path: string, { by }: Route): void {
    if (this.noted.has(reason)) return;
    this.noted.add(reason);
    this.settings.note(
      by === "sharp"
        ? `sharp decodes files with ${reason}, which TensorFlow does not: ${path} …`
        : `Files with ${reason}, which TensorFlow doesn't give as wanted, are converted: ${path} …`,
    );
  }
}

/** A way that ends upright: what TensorFlow could have done in a batch it does by itself then. */
function turned(route: Route, orientation: number): Route {
  const by = route.by === "batch" ? "tensorflow" : route.by;
  return { ...route, by, orientation, reason: route.reason ?? "EXIF orientation" };
}

/** A graph with its session. */
class RunnableGraph {
  private session: Promise<Session> | undefined;

  constructor(private readonly built: ImageGraph) {}

  /** Feeds the one input and fetches the one output. */
  async run(input: Parameters<Session["run"]>[0][string]): Promise<HostTensor> {
    const { input: name, output } = this.built;
    this.session ??= Session.open(this.built.graph);
    const [result] = await (await this.session).run({ [name]: input }, { fetches: [output] });
    return result!;
  }
}

function fileError(path: string, cause: unknown): DataFileError {
  if (path === "") return new DataFileError('The path ""', "it is empty", { cause });
  const reasons: Record<string, string> = {
    ENOENT: "there is no such file",
    EISDIR: "it is a folder, not a picture",
  };
  const known = reasons[(cause as NodeJS.ErrnoException | undefined)?.code ?? ""];
  if (known !== undefined) return new DataFileError(path, known, { cause });
  const message = cause instanceof Error ? cause.message : String(cause);
  // TensorFlow's text begins with the kernel's place in the graph and ends with it, too.
  const reason = message
    .replace(/^The graph failed: /, "")
    .replace(/\{\{[^}]*\}\} ?/g, "")
    .replace(/\[\[.*$/s, "")
    .replace(/[\s.]+$/, "");
  return new DataFileError(path, reason, { cause });
}
