/** Starts processes that write, ends them, and looks at what they leave. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { crews, inputOf, outputOf, type Writer } from "./crews";
import { filesBelow } from "./files";

/** Longest time of a crew's writes, and of a process' start. */
const PATIENCE_MS = 300_000;

/** Whether processes can get a space of process numbers of their own, in which each is number 1: as in containers. */
export const hasContainers =
  spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "true"]).status === 0;

/** A crew's writers, each with a folder of its own. */
export interface Arena {
  /** How the crew is called in reports. */
  name: string;
  crew: number;
  folder: string;
  writers: readonly Writer[];
  close(): void;
}

/** Makes the folders of a crew, and what it reads. */
export async function openArena(crew: number): Promise<Arena> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "convnets-torture-"));
  const writers = crews[crew] ?? [];
  const ends: (() => void)[] = [];
  for (const [i, writer] of writers.entries()) {
    const own = path.join(folder, `${i}`);
    fs.mkdirSync(inputOf(own), { recursive: true });
    const end = await writer.prepare?.(own);
    if (end !== undefined) ends.push(end);
  }
  const close = () => {
    for (const end of ends) end();
    fs.rmSync(folder, { recursive: true, force: true });
  };
  const name = writers.length === 1 ? writers[0]!.name : `${writers.length} writers`;
  return { name, crew, folder, writers, close };
}

/** What is wrong with what the writers have left, at any moment. */
export async function checkAll({ folder, writers }: Arena): Promise<string[]> {
  const faults: string[] = [];
  for (const [i, writer] of writers.entries()) {
    const found = await writer.check(path.join(folder, `${i}`));
    faults.push(...found.map((fault) => `${writer.name}: ${fault}`));
  }
  return faults;
}

/** A process that writes, ready to begin. */
export interface Running {
  /** Lets it write. */
  begin(): void;
  /** Resolves when each of its writers has written once. */
  written(): Promise<void>;
  /** Ends it as a power cut would, and waits until it is gone. */
  kill(): Promise<void>;
  /** Waits for its own end; what it says when that is a failure or doesn't come. */
  end(): Promise<string | undefined>;
}

/**
 * Starts a process and waits until it is ready.
 *
 * @param options.first Number of its first writes, `count` how many each writer makes.
 * @param options.contained In a space of process numbers of its own.
 */
export async function start(
  { crew, folder }: Arena,
  options: { first: number; count: number; contained: boolean },
): Promise<Running> {
  const { first, count, contained } = options;
  const script = path.join(__dirname, "writerProcess.js");
  const command = [process.execPath, script, `${crew}`, folder, `${first}`, `${count}`];
  const [program = "", ...args] = contained
    ? ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", ...command]
    : command;
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.on("error", () => {}); // it has ended
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2000);
  });
  const closed = once(child, "close") as Promise<[number | null, string | null]>;
  const nextWord = () => inTime(Promise.race([once(child.stdout, "data"), closed]), child);
  await nextWord();
  return {
    begin: () => void child.stdin.write("begin\n"),
    written: async () => void (await nextWord()),
    async kill() {
      child.kill("SIGKILL");
      child.stdout.resume();
      await closed;
    },
    async end() {
      child.stdout.resume();
      const [code, signal] = (await inTime(closed, child)) ?? [null, "no end"];
      return code === 0 ? undefined : `${code ?? signal}: ${said.trim()}`;
    },
  };
}

/** Waits, but not for ever: what takes too long is killed, and there is no result. */
async function inTime<T>(work: Promise<T>, child: ChildProcess): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, undefined);
  });
  const result = await Promise.race([work.then((value) => ({ value })), late]);
  clearTimeout(timer);
  if (result === undefined) child.kill("SIGKILL");
  return result?.value;
}

/** Unfinished files in the writers' output. */
export function leftovers(arena: Arena): string[] {
  return unfinishedIn(arena).map((place) => `${path.relative(arena.folder, place)} is left`);
}

/** Makes unfinished files look as if nobody had touched them for an hour: their owners are in other containers. */
export function age(arena: Arena): void {
  const before = new Date(Date.now() - 3_600_000);
  for (const place of unfinishedIn(arena)) fs.utimesSync(place, before, before);
}

/** Files and folders with a mark of a process in their name, or of a download or a claim. */
function unfinishedIn({ folder, writers }: Arena): string[] {
  return writers.flatMap((_, i) => {
    const output = outputOf(path.join(folder, `${i}`));
    const files = filesBelow(output);
    const places = [...files, ...new Set(files.flatMap(foldersOf))];
    return places
      .filter((place) =>
        /\.part(\.json)?$|\.claim$|\d+-\d+-[0-9a-f]{8}-[0-9a-f]{8}/.test(path.basename(place)),
      )
      .map((place) => path.join(output, place));
  });
}

function foldersOf(file: string): string[] {
  const parts = path.dirname(file).split(path.sep);
  return parts.map((_, i) => parts.slice(0, i + 1).join(path.sep)).filter((part) => part !== ".");
}
