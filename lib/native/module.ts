/** Loads the project's own native file: TensorFlow graphs run off the main thread. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { EnvironmentError } from "../errors";
import { repository, setUpHint } from "../installation";
import { libraryFile } from "./libraries";

/** A session as JavaScript holds it; opaque. */
export type NativeSession = { readonly __session: unique symbol };

/** Types and shapes followed without computing, as JavaScript holds it; opaque. */
export type NativeInference = { readonly __inference: unique symbol };

/** A part of a session's graph that is run again and again, as JavaScript holds it; opaque. */
export type NativeCall = { readonly __call: unique symbol };

/** One feed: name, dtype number, shape; a first size of -1 is what the data give. */
type NativeFeed = [name: string, dtype: number, shape: readonly number[]];

/** One result: dtype number, shape, bytes. */
export type NativeOutput = [dtype: number, shape: number[], buffer: ArrayBuffer];

/** The functions of lib/native/session/. */
export interface NativeModule {
  /** Starts TensorFlow's server in this process, for good; gives the target of its sessions. */
  createServer(serverDef: Uint8Array): string;
  /** TensorFlow's whole names of what sessions of this process can compute on. */
  listDevices(): string[];
  createSession(
    graphDef: Uint8Array,
    parallel: 0 | 1 | 2,
    largest: number,
    target?: string,
    config?: Uint8Array,
  ): Promise<NativeSession>;
  prepareCall(
    session: NativeSession,
    feeds: NativeFeed[],
    fetches: string[],
    targets: string[],
  ): NativeCall;
  run(
    call: NativeCall,
    values: readonly (ArrayBufferView | readonly string[])[],
  ): Promise<NativeOutput[]>;
  /** Several runs, one after another; the text is what ended them early, or empty. */
  runEach(
    call: NativeCall,
    values: readonly (readonly (ArrayBufferView | readonly string[])[])[],
  ): Promise<[outputs: NativeOutput[][], problem: string]>;
  recordRuns(on: boolean): Uint8Array[];
  closeSession(session: NativeSession): void;
  /** Ends the runs under way with an error, for good. */
  abortSession(session: NativeSession): void;
  release(buffer: ArrayBuffer): void;
  gather(images: Uint8Array[], target: Float32Array | Uint8Array): Promise<void>;
  /** From now on TensorFlow's servers listen on this IP address of the machine instead of on all. */
  listenOn(address: string): void;
  createInference(): NativeInference;
  closeInference(inference: NativeInference): void;
  inferValue(
    inference: NativeInference,
    dtype: number,
    shape: readonly number[],
    data: ArrayBufferView | null,
  ): number;
  inferOp(
    inference: NativeInference,
    op: string,
    attrs: [name: string, kind: string, value: unknown][],
    inputs: (number | number[])[],
  ): [value: number, dtype: number, shape: number[] | null][];
  opList(): Uint8Array;
  usesOneDnn(): boolean;
  setLogLevel(level: number): void;
}

let loaded: NativeModule | undefined;

/**
 * The native module, loaded at the first call.
 *
 * @throws EnvironmentError when set-up has not brought it, or TensorFlow.
 */
export function nativeModule(): NativeModule {
  if (loaded === undefined) {
    try {
      loaded = loadQuietly();
    } catch (cause) {
      if (cause instanceof EnvironmentError) throw cause;
      throw new EnvironmentError(
        `The native session could not be loaded: ${(cause as Error).message.split("\n")[0]}`,
        { hint: setUpHint, cause },
      );
    }
  }
  return loaded;
}

/** What quiet.node can do before TensorFlow's library is there. */
interface BeforeTensorFlow {
  mute(): void;
  unmute(): void;
  limitArenas(count: number): void;
  open(library: string): void;
}

/** TensorFlow writes two lines while its library loads, whatever the log level: stderr is shut for that moment. */
function loadQuietly(): NativeModule {
  const folder = path.resolve(__dirname, "../../native");
  if (repository === undefined && !fs.existsSync(folder)) {
    throw new EnvironmentError(
      "The native files of convnets don't lie where its code looks for them. If a bundler has taken the code, leave it out " +
        "of the bundle (esbuild: `--external:convnets`), and install the package where the bundle runs.",
    );
  }
  const wanted = Number(process.env.TF_CPP_MIN_LOG_LEVEL) || 0;
  const before = require(path.join(folder, "quiet.node")) as BeforeTensorFlow;
  if (!choosesArenas(process.env)) before.limitArenas(Math.max(2, os.availableParallelism()));
  const library = libraryFile();
  if (wanted > 0) before.mute();
  try {
    before.open(library); // those that need one of its name take this one
    const native = require(path.join(folder, "session.node")) as NativeModule;
    native.setLogLevel(wanted);
    return native;
  } finally {
    if (wanted > 0) before.unmute();
  }
}

/**
 * Whether the user has said how many arenas the C library's allocator may have.
 *
 * By itself it takes eight for each core, and what a thread of TensorFlow's, sharp's or Node's has freed in one is no
 * use to the others: fifty rounds of pictures left 220 MiB behind, with one for each core 165.
 */
function choosesArenas({ MALLOC_ARENA_MAX, GLIBC_TUNABLES = "" }: NodeJS.ProcessEnv): boolean {
  return MALLOC_ARENA_MAX !== undefined || GLIBC_TUNABLES.includes("malloc.arena_max");
}
