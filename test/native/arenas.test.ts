import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { repositoryRoot } from "../support/python";

/** Enough threads that each would have an arena of its own. */
const program = (library: string) => `
  require(${JSON.stringify(library)});
  const sharp = require("sharp");
  const crypto = require("node:crypto");
  const noise = crypto.randomBytes(600 * 600 * 3);
  const raw = { width: 600, height: 600, channels: 3 };
  const picture = () => sharp(noise, { raw }).rotate(7).blur(3).png().toBuffer();
  Promise.all(Array.from({ length: 16 }, picture)).then(() => {
    console.log(require("node:fs").readFileSync("/proc/self/maps", "utf8"));
  });
`;

/** Arenas besides the first: pieces of 64 MiB at multiples of it, of which a part is in use. */
function arenasOf(maps: string): number {
  const piece = 2 ** 26;
  const lines = maps.split("\n").map((line) => /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(line));
  const ranges = lines.flatMap((line) =>
    line === null
      ? []
      : [{ from: parseInt(line[1]!, 16), to: parseInt(line[2]!, 16), may: line[3] }],
  );
  return ranges.filter(({ from, to, may }, i) => {
    const next = ranges[i + 1];
    const isBegun = may === "rw-p" && from % piece === 0 && to - from < piece;
    return isBegun && next?.may === "---p" && next.from === to && next.to - from === piece;
  }).length;
}

/** Arenas of a process of its own that loads the library and draws pictures in many threads. */
function arenas(entry: string, setting: NodeJS.ProcessEnv = {}): number {
  const { MALLOC_ARENA_MAX: _, GLIBC_TUNABLES: __, ...rest } = process.env;
  const env = { ...rest, UV_THREADPOOL_SIZE: "12", ...setting };
  const library = path.join(repositoryRoot, ".build/lib", entry);
  const maps = execFileSync(process.execPath, ["-e", program(library)], {
    env,
    cwd: repositoryRoot,
    encoding: "utf8",
  });
  return arenasOf(maps);
}

test("the allocator has an arena for each core, and the user has the last word", () => {
  const cores = Math.max(2, os.availableParallelism());
  // The whole library takes longer to load: Node's other threads must not be first.
  for (const entry of ["engine", "index"]) assert.ok(arenas(entry) <= cores, `${entry}: each core`);
  const chosen = 3 * cores;
  const more = arenas("engine", { MALLOC_ARENA_MAX: String(chosen) });
  assert.ok(more > cores && more <= chosen, `${more} of ${chosen} that the user allows`);
});
