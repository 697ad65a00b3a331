/** One side of a comparison: a process that stays, and is asked to run its workload again and again. */
import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import type { Readable } from "node:stream";
import { root } from "./folders";
import { kerasSettings } from "./isa";

/** How a side is called and run. */
export interface SideName {
  /** Name in the table. */
  label: string;
  /** `graph`, `bfloat16`, `eager` and `cached` are ours; the others are Python's. */
  mode: string;
  /** Folder of the compiled library that a side of ours loads; this checkout's by default. */
  library?: string;
}

function programOf(mode: string): [command: string, script: string] {
  if (mode.startsWith("keras")) {
    return [path.join(root, ".venv/bin/python"), path.join(root, "scripts/bench/worker.py")];
  }
  if (mode.startsWith("torch")) {
    const python = path.join(root, ".cache/bench/torch/bin/python");
    return [python, path.join(root, "scripts/bench/worker_torch.py")];
  }
  return [process.execPath, path.join(__dirname, "worker.js")];
}

/** The environment of a program: none of what this process has set or was given for its own libraries. */
export function environmentOf(command: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3" };
  // Settings for old OpenBLAS builds; they slow a current numpy.
  delete env.OPENBLAS_CORETYPE;
  delete env.OPENBLAS_L2_SIZE;
  // Set by our engine in this process; Keras runs as it does by itself.
  if (command !== process.execPath) delete env.TF_ENABLE_ONEDNN_OPTS;
  return env;
}

/** What an op of a graph takes for one unit of work. */
export interface OpTime {
  calls: number;
  /** Summed over calls, which may run beside each other. */
  ms: number;
  /** Floating-point operations; of Keras' side they aren't counted. */
  flops: number;
}

/** The ops of a graph by name. */
export type Profile = Record<string, OpTime>;

/** What a side says. */
interface Answer {
  msPerUnit?: number;
  profile?: Profile;
  error?: string;
}

/** A running side. */
export class Side {
  private readonly answers: AsyncIterator<string>;
  readonly msPerUnit: number[] = [];
  peakMiB = 0;

  private constructor(
    readonly name: SideName,
    private readonly child: ChildProcess,
  ) {
    const lines = readline.createInterface({ input: child.stdio[3] as Readable });
    this.answers = lines[Symbol.asyncIterator]();
  }

  /** Starts the process and waits until its workload is built. */
  static async start(
    name: SideName,
    { workload, scale }: { workload: string; scale: number },
  ): Promise<Side> {
    const [command, script] = programOf(name.mode);
    const env = environmentOf(command);
    if (name.mode.startsWith("keras")) Object.assign(env, kerasSettings());
    const log = path.join(root, ".cache/bench", `${workload}-${name.label}.log`);
    fs.mkdirSync(path.dirname(log), { recursive: true });
    const library = name.library ?? path.join(root, ".build/lib");
    const child = spawn(command, [script, workload, name.mode, String(scale), library], {
      cwd: root,
      env,
      stdio: ["pipe", "ignore", fs.openSync(log, "w"), "pipe"],
    });
    const side = new Side(name, child);
    await side.answer();
    return side;
  }

  /** Runs the workload once; the first, which compiles, is not counted. */
  async run({ counted }: { counted: boolean }): Promise<void> {
    this.child.stdin!.write("go\n");
    const { msPerUnit } = await this.answer();
    if (counted) this.msPerUnit.push(msPerUnit!);
  }

  /** Runs the workload once more and asks for what its ops took. */
  async profile(): Promise<Profile> {
    this.child.stdin!.write("profile\n");
    return (await this.answer()).profile!;
  }

  /** Ends the process, after a look at the most memory it ever had. */
  stop(): void {
    const status = fs.readFileSync(`/proc/${this.child.pid}/status`, "utf8");
    this.peakMiB = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
    this.child.stdin!.end();
    this.child.kill();
  }

  private async answer(): Promise<Answer> {
    const { value, done } = await this.answers.next();
    if (done) throw new Error(`${this.name.label} ended early; see .cache/bench/`);
    const message = JSON.parse(value) as Answer;
    if (message.error !== undefined) throw new Error(`${this.name.label}: ${message.error}`);
    return message;
  }
}
