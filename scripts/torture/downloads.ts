/** Downloads from a server that misbehaves in every way of the tables in `misbehaviours/`. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { inspect } from "node:util";
import { type DownloadFileOptions, downloadFile } from "../../lib/index";
import { Dice } from "./dice";
import { sha256 } from "./hashes";
import { pages, redirects, statuses } from "./misbehaviours/answers";
import { lengths } from "./misbehaviours/lengths";
import { honest, type Misbehaviour, type Scene, whole } from "./misbehaviours/misbehaviour";
import { folderName, type NamedFile, names, precious } from "./misbehaviours/names";
import { ranges } from "./misbehaviours/ranges";
import { faultOfError, type Outcome, outcomeOf } from "./outcome";
import { type Asked, startServer } from "./scriptedServer";
import type { Section } from "./section";

const misbehaviours = [...lengths, ...ranges, ...redirects, ...statuses, ...pages];

const ROUNDS = 20;
const quick: DownloadFileOptions = {
  quiet: true,
  timeoutMs: 3000,
  retries: 2,
  retryDelayMs: 1,
  minBytesPerSecond: 0,
};

/** One misbehaviour: the try itself, then one with an honest server at the same address. */
async function survive(
  misbehaviour: Misbehaviour,
  { scene, withHash }: { scene: Omit<Scene, "url">; withHash: boolean },
): Promise<string | undefined> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "torture-"));
  const output = path.join(folder, "file.bin");
  let isHonest = false;
  const server = await startServer((asked) => {
    const { turn } = asked;
    const full: Scene = { ...scene, url: server.url };
    if (isHonest) return honest(asked, full);
    if (misbehaviour.resumed && turn === 0)
      return [whole(full)[0]!, full.file.subarray(0, full.cut)];
    return misbehaviour.answer({ ...asked, turn: misbehaviour.resumed ? turn - 1 : turn }, full);
  });
  const options = {
    ...quick,
    output,
    ...(withHash && { sha256: sha256(scene.file) }),
  };
  const whatIsWrong = (
    outcome: Outcome<string>,
    ends: Misbehaviour["ends"],
  ): string | undefined => {
    if ("error" in outcome) {
      if (/secret/.test(inspect(outcome.error))) return "a secret in the error";
      if (fs.existsSync(output)) return "an error, and a file under its name";
      if (ends === "right") return `an error where the file was to be had: ${outcome.error}`;
      return faultOfError(outcome.error, ["127.0.0.1", folder]);
    }
    if (!fs.readFileSync(outcome.value).equals(scene.file)) return "the wrong file";
    const left = fs.readdirSync(folder).filter((name) => name !== "file.bin");
    if (left.length > 0) return `left behind: ${left}`;
    return ends === "error" ? "no error" : undefined;
  };
  try {
    const first = await outcomeOf(
      downloadFile(`${server.url}/`, { ...options, ...misbehaviour.options }),
    );
    const fault = whatIsWrong(first, misbehaviour.ends);
    if (fault !== undefined) return fault;
    isHonest = true;
    const again = whatIsWrong(await outcomeOf(downloadFile(`${server.url}/`, options)), "right");
    return again === undefined ? undefined : `then, from an honest server: ${again}`;
  } finally {
    await server.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** A name of the server's, in a folder that has files of its own. */
async function surviveName({ header, name }: NamedFile, file: Buffer): Promise<string | undefined> {
  const around = fs.mkdtempSync(path.join(os.tmpdir(), "torture-"));
  const folder = path.join(around, "in");
  fs.mkdirSync(path.join(folder, folderName), { recursive: true });
  const kept = Buffer.alloc(file.length, "{");
  fs.writeFileSync(path.join(folder, precious), kept);
  const server = await startServer((asked: Asked) =>
    whole({ file, etag: '"1"' }, asked.path === "/" ? {} : { "content-disposition": header }),
  );
  try {
    const url = `${server.url}/fallback.bin`;
    const outcome = await outcomeOf(downloadFile(url, { ...quick, output: `${folder}/` }));
    if (!fs.readFileSync(path.join(folder, precious)).equals(kept))
      return "somebody's file is gone";
    const expected = [precious, folderName, ...(name === undefined ? [] : [name])].sort();
    const there = fs.readdirSync(folder).sort();
    if (there.join("/") !== expected.join("/")) return `in the folder: ${there}`;
    if (fs.readdirSync(around).length !== 1) return "a file outside the folder";
    if (name === undefined) return "value" in outcome ? "no error" : undefined;
    return "error" in outcome ? `an error: ${outcome.error}` : undefined;
  } finally {
    await server.close();
    fs.rmSync(around, { recursive: true, force: true });
  }
}

export const section: Section = {
  name: "downloads",
  summary: "downloads from a server that misbehaves in more than a hundred ways",
  async run({ seed, scale, say }) {
    const rounds = Math.max(1, Math.round(ROUNDS * scale));
    const faults: string[] = [];
    let tried = 0;
    const note = (what: string, fault: string | undefined) => {
      tried++;
      if (fault !== undefined) faults.push(`${what}: ${fault}`);
    };
    for (let round = 0; round < rounds; round++) {
      const dice = new Dice(seed + round);
      const file = dice.bytes(20_000 + dice.below(20_000));
      const scene = { file, etag: `"${sha256(file).slice(0, 16)}"`, cut: 1 + dice.below(15_000) };
      for (const misbehaviour of misbehaviours) {
        for (const withHash of misbehaviour.needsHash ? [true] : [true, false]) {
          const what = `${misbehaviour.name}${withHash ? ", with a hash" : ""} (seed ${seed + round})`;
          note(what, await survive(misbehaviour, { scene, withHash }));
        }
      }
      for (const named of names) note(named.header, await surviveName(named, file));
      say(`round ${round + 1} of ${rounds}: ${tried} misbehaviours, ${faults.length} faults`);
    }
    return { tried, faults };
  },
};
