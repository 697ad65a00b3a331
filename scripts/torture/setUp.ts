/** Set-up that is killed at random moments, alone or with the programs that it runs. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { filesBelow } from "./files";
import { randomNumbers } from "./random";
import type { Section, SectionOptions, SectionResult } from "./section";

/** Kills in the long form, and those of each part that is undone. */
const KILLS = 120;
const KILLS_A_PART = 5;

const repository = path.resolve(__dirname, "../../..");
const python = process.env.PYTHON ?? "python3";

/**
 * Makes a project that set-up can set up: three Python packages.
 *
 * @param options.isWhole With an npm package and a source file, too.
 */
export function makeProject(root: string, { isWhole }: { isWhole: boolean }): void {
  const write = (name: string, text: string) => {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  };
  const wheels = path.join(repository, "scripts/torture/wheels.py");
  execFileSync(python, [wheels, path.join(root, "wheels"), "400"]);
  write("scripts/requirements.txt", "keras==3.15.1\nnumpy==2.4.0\ntensorflow-cpu==2.21.0\n");
  write(".cache/device", "cpu\n");
  if (!isWhole) return;
  const own = { name: "small", version: "1.0.0", dependencies: { part: "file:part-1.0.0.tgz" } };
  write("package.json", JSON.stringify(own));
  write("pack/package/package.json", JSON.stringify({ name: "part", version: "1.0.0" }));
  for (let i = 0; i < 200; i++) write(`pack/package/file${i}.txt`, `${i} `.repeat(100));
  execFileSync("tar", ["-czf", "part-1.0.0.tgz", "-C", "pack", "package"], { cwd: root });
  const npm = ["install", "--package-lock-only", "--offline", "--no-audit", "--no-fund"];
  execFileSync("npm", npm, { cwd: root, stdio: "ignore" });
  write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["lib"] }));
  write("lib/index.ts", "export const answer: number = 42;\n");
}

const compilerOptions = { rootDir: ".", outDir: ".build", module: "node16", types: [] };

/** What set-up makes, as paths and contents. */
export function madeIn(root: string): Map<string, string> {
  const places = [".venv/lib", ".venv/share", "node_modules", ".build"];
  const files = places.flatMap((place) =>
    filesBelow(path.join(root, place)).map((file) => path.join(place, file)),
  );
  const kept = files.filter((file) => !/__pycache__|\.stamp$|\.package-lock\.json$/.test(file));
  return new Map(kept.map((file) => [file, fs.readFileSync(path.join(root, file), "latin1")]));
}

function startSetUp(root: string, options: readonly string[] = []): ChildProcess {
  const script = path.join(repository, "scripts/torture/setUpOf.mjs");
  return spawn(process.execPath, [script, root, ...options], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // a group of its own, to be killed as one
  });
}

/** Runs set-up to its end. */
export async function finish(
  root: string,
  options: readonly string[] = [],
): Promise<{ code: number; said: string }> {
  const child = startSetUp(root, options);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const [code] = (await once(child, "close")) as [number | null];
  return { code: code ?? 1, said };
}

/** Undoes a part of what is made, so that set-up has something to do again; the last three parts are of a whole project. */
function undo(root: string, part: number, { isWhole }: { isWhole: boolean }): void {
  const site = fs.readdirSync(path.join(root, ".venv/lib")).map((name) => `.venv/lib/${name}`)[0];
  const victims = [
    [`${site}/site-packages/tensorflow`, `${site}/site-packages/tensorflow_cpu-2.21.0.dist-info`],
    [`${site}/site-packages/keras-3.15.1.dist-info/INSTALLER`],
    [`${site}/site-packages/numpy-2.4.0.dist-info`, `${site}/site-packages/numpy`],
    ["node_modules", ".venv/share"],
    [".build"],
    [".venv"],
  ];
  for (const victim of victims[part % (isWhole ? victims.length : 3)] ?? []) {
    fs.rmSync(path.join(root, victim), { recursive: true, force: true });
  }
}

/** Kills set-up again and again; it must finish in between and at the end, and then have nothing to do. */
export async function killSetUp(
  { seed, scale, say }: SectionOptions,
  { isWhole }: { isWhole: boolean },
): Promise<SectionResult> {
  const random = randomNumbers(seed);
  const faults: string[] = [];
  const kills = Math.max(1, Math.round(KILLS * scale));
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "convnets-torture-"));
  try {
    makeProject(root, { isWhole });
    const started = performance.now();
    const first = await finish(root);
    if (first.code !== 0) return { tried: 0, faults: [`set-up fails unkilled: ${first.said}`] };
    const expected = madeIn(root);
    let wholeMs = performance.now() - started;
    for (let kill = 1; kill <= kills; kill++) {
      // Some kills for each part that is undone: all but the first find what the one before has left.
      if (kill % KILLS_A_PART === 1) {
        const begun = performance.now();
        const left = await finish(root);
        if (!isWhole && kill > 1) wholeMs = performance.now() - begun;
        if (left.code !== 0) faults.push(`set-up after kill ${kill - 1}: ${left.said}`);
        faults.push(
          ...differences(madeIn(root), expected).map((fault) => `kill ${kill - 1}: ${fault}`),
        );
        undo(root, Math.floor(kill / KILLS_A_PART), { isWhole });
      }
      const child = startSetUp(root);
      const closed = once(child, "close");
      await delay(random() * wholeMs * 0.7);
      if (child.exitCode === null && child.pid !== undefined) {
        process.kill(kill % 2 === 0 ? child.pid : -child.pid, "SIGKILL");
      }
      child.stdout?.destroy();
      child.stderr?.destroy();
      await closed;
      if (kill % 10 === 0) say(`set-up: ${kill} kills, ${faults.length} faults`);
    }
    const last = await finish(root);
    if (last.code !== 0) faults.push(`set-up at the end: ${last.said}`);
    faults.push(...differences(madeIn(root), expected));
    const again = await finish(root);
    if (!again.said.includes("ran 0")) faults.push(`set-up isn't done when it is: ${again.said}`);
    return { tried: kills, faults };
  } finally {
    fs.rmSync(root, { recursive: true, force: true });
  }
}

function differences(made: Map<string, string>, expected: Map<string, string>): string[] {
  const wrong = [...expected].filter(([file, text]) => made.get(file) !== text);
  const more = [...made.keys()].filter((file) => !expected.has(file));
  return [
    ...wrong.slice(0, 3).map(([file]) => `${file} is not what set-up makes`),
    ...more.slice(0, 3).map((file) => `${file} is left`),
  ];
}

export const section: Section = {
  name: "setUp",
  summary: "set-up of a small project killed at random moments, alone or with its programs",
  run: (options) => killSetUp(options, { isWhole: true }),
};
