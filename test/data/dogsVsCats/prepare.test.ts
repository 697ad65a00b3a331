import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { buffer } from "node:stream/consumers";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import sharp from "sharp";
import * as yazl from "yazl";
import { type DogsVsCatsOptions, datasets } from "../../../lib/index";
import { drawPicture } from "../../../scripts/drawings/photograph";
import { printedBy } from "../../support/printed";
import { repositoryRoot } from "../../support/python";
import { temporaryFolder } from "../../support/temporaryFolder";
import { sendFile, serve } from "../download/servers";

const counts = { train: 3, validation: 1, test: 2 };
const names = [0, 1, 2, 1000, 1500, 1501].flatMap((i) => [`cat.${i}.jpg`, `dog.${i}.jpg`]);

/** Content and time of change of everything in a folder. */
function snapshot(folder: string): Record<string, string> {
  return Object.fromEntries(
    fs.readdirSync(folder).map((name) => {
      const file = `${folder}/${name}`;
      const hash = createHash("sha256").update(fs.readFileSync(file)).digest("hex");
      return [name, `${hash} ${fs.statSync(file).mtimeMs}`];
    }),
  );
}

/** A zip archive of these files. */
async function zipOf(files: Record<string, Buffer>): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [name, bytes] of Object.entries(files)) zip.addBuffer(bytes, name);
  zip.end();
  return buffer(zip.outputStream);
}

const one = { train: 1, validation: 0, test: 0 };

/** Kaggle's archive, of one picture of each class. */
async function archiveOfOne(): Promise<Buffer> {
  const picture = await drawPicture({ animal: "dog", index: 0, seed: 3 });
  const inner = await zipOf({ "train/cat.0.jpg": picture, "train/dog.0.jpg": picture });
  return zipOf({ "train.zip": inner, "sampleSubmission.csv": Buffer.from("id") });
}

/** What `prepare` ends with in a process of its own: its source and why, or its error. */
async function preparedBy(
  options: DogsVsCatsOptions,
  { before = "", env = {} }: { before?: string; env?: Record<string, string> },
): Promise<string> {
  const program = `${before}
    const { datasets } = require(${JSON.stringify(repositoryRoot)} + "/.build/lib");
    datasets.dogsVsCats.prepare(${JSON.stringify(options)}).then(
      ({ source, why }) => console.log(source + ", " + why),
      (error) => console.log(error.name + ": " + error.message + " " + error.hint),
    );`;
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", program], {
    env: { PATH: process.env.PATH, ...env },
  });
  return stdout.trim();
}

describe("datasets.dogsVsCats.prepare", () => {
  const { prepare } = datasets.dogsVsCats;
  const drawn = { source: "drawn", counts, verbose: 0 } as const;

  it("draws Kaggle's layout, and leaves it alone the second time", async () => {
    using folder = temporaryFolder();
    const options = { ...drawn, into: folder.join("pets") };
    const prepared = await prepare(options);
    assert.equal(prepared.folder, folder.join("pets", "train"));
    assert.equal(prepared.source, "drawn");
    assert.equal(prepared.picturesPerClass, 6);
    const before = snapshot(prepared.folder);
    assert.deepEqual(Object.keys(before).sort(), [...names].sort());
    await prepare(options);
    assert.deepEqual(snapshot(prepared.folder), before);
  });

  it("adds what is missing: a picture that was deleted, and more counts", async () => {
    using folder = temporaryFolder();
    const options = { ...drawn, into: folder.path };
    const { folder: pictures } = await prepare(options);
    const before = snapshot(pictures);
    fs.rmSync(`${pictures}/dog.1.jpg`);
    await prepare({ ...options, counts: { ...counts, train: 4 } });
    const after = snapshot(pictures);
    assert.equal(Object.keys(after).length, names.length + 2);
    const hash = (entry?: string) => entry?.split(" ")[0];
    for (const name of names) assert.equal(hash(after[name]), hash(before[name]), name);
  });

  it("leaves only whole pictures when it is killed, and goes on from there", async () => {
    using folder = temporaryFolder();
    const many = { ...drawn, into: folder.path, counts: { train: 30, validation: 0, test: 0 } };
    const library = `require(${JSON.stringify(repositoryRoot)} + "/.build/lib")`;
    const program = `${library}.datasets.dogsVsCats.prepare(${JSON.stringify(many)})`;
    const child = spawn(process.execPath, ["-e", program], { stdio: "ignore" });
    const exited = new Promise((resolve) => child.on("exit", resolve));
    const pictures = folder.join("train");
    const drawnSoFar = () =>
      fs.existsSync(pictures) ? fs.readdirSync(pictures).filter((n) => n.endsWith(".jpg")) : [];
    while (drawnSoFar().length < 5 && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill("SIGKILL");
    await exited;
    const survivors = drawnSoFar();
    assert.ok(survivors.length >= 5 && survivors.length < 60, `${survivors.length} survived`);
    for (const name of survivors) await sharp(`${pictures}/${name}`, { failOn: "warning" }).stats();
    await prepare(many);
    assert.equal(drawnSoFar().length, 60);
  });

  it("says which source it uses and why", async () => {
    using folder = temporaryFolder();
    const options = { ...drawn, into: folder.path, verbose: undefined };
    const lines = await printedBy(() => prepare(options));
    assert.equal(lines[0], 'Cats and dogs: drawings (source is "drawn").');
    const again = await printedBy(() => prepare({ ...options, source: "auto" }));
    assert.deepEqual(again, ["Cats and dogs: drawings (some were drawn here before)."]);
  });

  it("draws when photographs are neither there nor to be reached", async () => {
    using folder = temporaryFolder();
    const prepared = await prepare({
      into: folder.path,
      counts,
      verbose: 0,
      baseUrl: "http://127.0.0.1:9",
    });
    assert.equal(prepared.source, "drawn");
    assert.match(prepared.why, /Google Drive can't be reached: .+/);
  });

  it("says how to get the package that draws, and needs it only to draw", async () => {
    using folder = temporaryFolder();
    const few = { ...drawn, into: folder.path, counts: one };
    const before = `
      const module = require("node:module");
      const resolve = module._resolveFilename;
      module._resolveFilename = (name, ...rest) =>
        resolve(name === "convnets-drawings" ? "convnets-drawings-is-gone" : name, ...rest);`;
    assert.equal(
      await preparedBy(few, { before }),
      "EnvironmentError: The npm package convnets-drawings, which draws, is not installed. " +
        "Run `npm run setup` in the project's folder.",
    );
    await prepare(few);
    assert.equal(await preparedBy(few, { before }), 'drawn, source is "drawn"');
  });

  it("takes photographs through a proxy, where the network has one", async (t) => {
    using folder = temporaryFolder();
    const archive = await archiveOfOne();
    const proxy = await serve(t, (request, response) => sendFile(request, response, archive));
    const options = { into: folder.path, counts: one, verbose: 0 } as const;
    assert.equal(
      await preparedBy(
        { ...options, baseUrl: "http://drive.invalid" },
        { env: { HTTP_PROXY: proxy.url } },
      ),
      "drive, Google Drive can be reached",
    );
    assert.deepEqual(fs.readdirSync(folder.join("train")), ["cat.0.jpg", "dog.0.jpg"]);
  });

  it("uses photographs that are there, and never draws among them", async () => {
    using folder = temporaryFolder();
    fs.mkdirSync(folder.join("train"));
    const photograph = await drawPicture({ animal: "cat", index: 0, seed: 9 });
    for (const name of names) fs.writeFileSync(folder.join("train", name), photograph);
    const before = snapshot(folder.join("train"));
    const prepared = await prepare({ into: folder.path, counts, verbose: 0 });
    assert.deepEqual([prepared.source, prepared.why], ["unknown", "they are already there"]);
    await assert.rejects(prepare({ ...drawn, into: folder.path }), /pictures of another source/);
    assert.deepEqual(snapshot(folder.join("train")), before);
  });

  it("downloads and unpacks the photographs, once, and notes where they come from", async (t) => {
    using folder = temporaryFolder();
    const archive = await archiveOfOne();
    const server = await serve(t, (request, response) => sendFile(request, response, archive));
    const options = { into: folder.path, counts: one, baseUrl: server.url, verbose: 0 } as const;
    const prepared = await prepare(options);
    assert.deepEqual([prepared.source, prepared.why], ["drive", "Google Drive can be reached"]);
    assert.deepEqual(fs.readdirSync(prepared.folder), ["cat.0.jpg", "dog.0.jpg"]);
    const asked = server.requests.length;
    const again = await prepare(options);
    assert.deepEqual([again.source, again.why], ["drive", "they are already there"]);
    assert.equal(server.requests.length, asked);
    await assert.rejects(
      prepare({ ...options, source: "drive", counts: { ...one, train: 2 } }),
      /archive from drive lacks pictures/,
    );
  });

  it("refuses a folder of drawings with another seed, and wrong options", async () => {
    using folder = temporaryFolder();
    const few = { ...drawn, into: folder.path, counts: one };
    await prepare(few);
    await assert.rejects(prepare({ ...few, seed: 2 }), /drawings of seed 1, version \d+, where/);
    await assert.rejects(
      prepare({ ...few, seed: -1 }),
      /`seed` must be a whole number from 0 to 2147483647/,
    );
    await assert.rejects(
      prepare({ ...few, counts: { train: 1001 } }),
      /`counts.train` must be a whole number from 0 to 1000/,
    );
    await assert.rejects(
      // @ts-expect-error: no such source
      prepare({ source: "web" }),
      /`source` must be one of "drawn", "drive", "kaggle", "auto"/,
    );
    // @ts-expect-error: the word of before
    await assert.rejects(prepare({ quiet: true }), { hint: "Use `verbose: 0`." });
    // @ts-expect-error: no such option
    await assert.rejects(prepare({ seeds: 1 }), /has no option `seeds`/);
  });
});
