import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, readdir, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { type Options, ZipFile } from "yazl";
import { ArchiveError, unzip } from "../../../lib/data";
import type { ConvnetsError } from "../../../lib/errors";
import { bytes } from "../download/servers";
import { listing, printed, temporaryFolder } from "../files";

type Files = Record<string, Buffer | string>;

const quiet = true;

async function zip(
  files: Files,
  options: Partial<Options> = { compress: false },
  end: { forceZip64Format?: boolean } = {},
): Promise<Buffer> {
  const archive = new ZipFile();
  for (const [name, content] of Object.entries(files)) {
    archive.addBuffer(Buffer.from(content), name, options);
  }
  archive.end({ comment: "", forceZip64Format: false, ...end });
  const chunks: Buffer[] = [];
  for await (const chunk of archive.outputStream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** A folder with the archive in it and a place to unpack. */
async function prepare(t: TestContext, archive: Buffer) {
  const folder = await temporaryFolder(t);
  const file = path.join(folder, "data.zip");
  await writeFile(file, archive);
  return { folder, file, into: path.join(folder, "out") };
}

/** Replaces every occurrence, in the archive's headers too. */
function patched(archive: Buffer, from: string, to: string): Buffer {
  assert.equal(from.length, to.length);
  return Buffer.from(archive.toString("latin1").replaceAll(from, to), "latin1");
}

const photos: Files = {
  "train/cat.0.jpg": bytes(5000, 1),
  "train/dog.0.jpg": bytes(6000, 2),
  "empty.txt": "",
  "texts/long.csv": bytes(400_000, 3).toString("hex"),
};

for (const [what, options, end] of [
  ["stored", { compress: false }, {}],
  ["deflated", { compress: true }, {}],
  ["Zip64", { compress: true, forceZip64Format: true }, { forceZip64Format: true }],
] as const) {
  test(`unzip writes every file of a ${what} archive, and nothing else`, async (t) => {
    const { file, into } = await prepare(t, await zip(photos, options, end));
    const result = await unzip(file, { into, quiet });
    assert.deepEqual({ ...result, bytes: 0 }, { folder: into, written: 4, skipped: 0, bytes: 0 });
    assert.deepEqual(await listing(into), Object.keys(photos).sort());
    assert.deepEqual((await readdir(into)).sort(), ["empty.txt", "texts", "train"]);
    for (const [name, content] of Object.entries(photos)) {
      assert.deepEqual(await readFile(path.join(into, name)), Buffer.from(content));
    }
  });
}

test("a second run leaves identical files alone and mends the others", async (t) => {
  const { file, into } = await prepare(t, await zip(photos));
  await unzip(file, { into, quiet });
  const cat = path.join(into, "train/cat.0.jpg");
  const { ino } = await stat(cat);
  const dog = path.join(into, "train/dog.0.jpg");
  await writeFile(dog, bytes(6000, 9));
  await writeFile(path.join(into, "texts/long.csv"), "short");
  const result = await unzip(file, { into, quiet });
  assert.deepEqual([result.written, result.skipped], [2, 2]);
  assert.equal((await stat(cat)).ino, ino);
  assert.deepEqual(await readFile(dog), photos["train/dog.0.jpg"]);
});

test("`overwrite: false` refuses files that are there before it writes anything; true replaces them", async (t) => {
  const { file, into } = await prepare(t, await zip(photos));
  await mkdir(into);
  await writeFile(path.join(into, "empty.txt"), "mine");
  await assert.rejects(
    unzip(file, { into, quiet, overwrite: false }),
    /1 files are in .* already: empty\.txt/,
  );
  assert.deepEqual(await listing(into), ["empty.txt"]);
  assert.equal(await readFile(path.join(into, "empty.txt"), "utf8"), "mine");
  const { written, skipped } = await unzip(file, { into, quiet, overwrite: true });
  assert.deepEqual([written, skipped], [4, 0]);
  assert.equal(await readFile(path.join(into, "empty.txt"), "utf8"), "");
});

test("`nested` unpacks train.zip beside itself; a second call does the same, and both are safe to repeat", async (t) => {
  const train = await zip({ "train/cat.0.jpg": "cat", "train/dog.0.jpg": "dog" });
  const { file, into } = await prepare(t, await zip({ "train.zip": train, "sub/x.csv": "1" }));
  const expected = ["sub/x.csv", "train.zip", "train/cat.0.jpg", "train/dog.0.jpg"];
  await unzip(file, { into, quiet });
  await unzip(path.join(into, "train.zip"), { into, quiet });
  assert.deepEqual(await listing(into), expected);
  const result = await unzip(file, { into, quiet, nested: true });
  assert.deepEqual([result.written, result.skipped], [0, 4]);
  const other = `${into}2`;
  assert.equal((await unzip(file, { into: other, quiet, nested: true })).written, 4);
  assert.deepEqual(await listing(other), expected);
});

test("an archive in an archive without end is refused", async (t) => {
  let archive = await zip({ "x.txt": "x" });
  for (let i = 0; i < 5; i++) archive = await zip({ [`d${i}/n.zip`]: archive });
  const { file, into } = await prepare(t, archive);
  await assert.rejects(unzip(file, { into, quiet, nested: true }), /archive in 4 others/);
});

const plain: Files = { "xx/evil.txt": "evil", "good.txt": "good" };
for (const [what, from, to] of [
  ["goes up", "xx/evil.txt", "../evil.txt"],
  ["goes up in the middle", "xx/evil.txt", "x/../../e.t"],
  ["is absolute", "xx/evil.txt", "/tmp/ev.txt"],
  ["goes up with backslashes", "xx/evil.txt", "..\\evil.txt"],
  ["names a drive", "xx/evil.txt", "C:/evil.txt"],
  ["holds a zero byte", "xx/evil.txt", "xx/ev\0l.txt"],
] as const) {
  test(`a path that ${what} is refused, and nothing is written`, async (t) => {
    const { file, folder, into } = await prepare(t, patched(await zip(plain), from, to));
    await assert.rejects(unzip(file, { into, quiet }), ArchiveError);
    assert.deepEqual(await listing(folder), ["data.zip"]);
  });
}

test("symbolic links and devices in an archive are refused, and nothing is written", async (t) => {
  for (const [mode, message] of [
    [0o120777, /"link" is a symbolic link/],
    [0o060666, /"link" is not a plain file/],
  ] as const) {
    const { file, folder, into } = await prepare(t, await zip({ link: "/etc/passwd" }, { mode }));
    await assert.rejects(unzip(file, { into, quiet }), message);
    assert.deepEqual(await listing(folder), ["data.zip"]);
  }
});

test("a symbolic link that is there already is neither written through nor replaced", async (t) => {
  const { file, folder, into } = await prepare(t, await zip({ "train/a.txt": "a", "b.txt": "b" }));
  const outside = path.join(folder, "outside");
  await mkdir(outside);
  await mkdir(into);
  await writeFile(path.join(outside, "b.txt"), "mine");
  await symlink(outside, path.join(into, "train"));
  await symlink(path.join(outside, "b.txt"), path.join(into, "b.txt"));
  await assert.rejects(unzip(file, { into, quiet }), /(train|b\.txt) is a symbolic link/);
  assert.equal(await readlink(path.join(into, "b.txt")), path.join(outside, "b.txt"));
  await rm(path.join(into, "b.txt"));
  await assert.rejects(unzip(file, { into, quiet }), /train is a symbolic link/);
  assert.deepEqual(await readdir(outside), ["b.txt"]);
  assert.equal(await readFile(path.join(outside, "b.txt"), "utf8"), "mine");
});

test("one name twice is refused", async (t) => {
  const { file, into } = await prepare(t, patched(await zip({ aa: "1", ab: "2" }), "ab", "aa"));
  await assert.rejects(unzip(file, { into, quiet }), /"aa" is in it twice/);
});

test("too much, by size or by ratio, is refused before anything is written", async (t) => {
  const { file, folder, into } = await prepare(
    t,
    await zip({ "zeros.bin": Buffer.alloc(5_000_000) }, { compress: true }),
  );
  await assert.rejects(
    unzip(file, { into, quiet }),
    /unpacks to \d+ times its size, `maxRatio` allows 100/,
  );
  await assert.rejects(
    unzip(file, { into, quiet, maxRatio: 2000, maxBytes: 4e6 }),
    /unpacks to 5\.00 MB, `maxBytes` allows 4\.00 MB/,
  );
  assert.deepEqual(await listing(folder), ["data.zip"]);
  await unzip(file, { into, quiet, maxRatio: 2000, maxBytes: 5e6 });
  assert.deepEqual(await listing(into), ["zeros.bin"]);
});

test("archives inside count towards the same limits", async (t) => {
  const bomb = await zip({ "zeros.bin": Buffer.alloc(5_000_000) }, { compress: true });
  const { file, into } = await prepare(t, await zip({ "bomb.zip": bomb }));
  await assert.rejects(unzip(file, { into, quiet, nested: true }), /`maxRatio` allows 100/);
  assert.deepEqual(await listing(into), ["bomb.zip"]);
});

/** Writes another uncompressed size into the one entry's directory record. */
function withDeclaredSize(archive: Buffer, size: number): Buffer {
  const lying = Buffer.from(archive);
  lying.writeUInt32LE(size, lying.indexOf("PK\x01\x02") + 24);
  return lying;
}

for (const [what, length] of [
  ["small", 100_000],
  ["large", 20_000_000],
] as const) {
  test(`a ${what} entry that declares too little or too much leaves no file`, async (t) => {
    const honest = await zip({ "zeros.bin": Buffer.alloc(length) }, { compress: true });
    for (const declared of [10, length - 1, length + 1]) {
      const { file, into } = await prepare(t, withDeclaredSize(honest, declared));
      await assert.rejects(unzip(file, { into, quiet, maxRatio: 1e6 }), ArchiveError);
      assert.deepEqual(await readdir(into), []);
    }
  });

  test(`a flipped bit in a ${what} entry leaves the right files and no wrong one`, async (t) => {
    const archive = await zip({ "good.txt": "good", "photo.jpg": bytes(length, 4) });
    archive[archive.indexOf("photo.jpg") + length / 2]! ^= 1;
    const { file, into } = await prepare(t, archive);
    await assert.rejects(unzip(file, { into, quiet }), /"photo\.jpg" is damaged: its CRC differs/);
    assert.deepEqual(await readdir(into), ["good.txt"]);
  });
}

test("bits flipped in compressed data leave no wrong file", async (t) => {
  const archive = await zip({ "long.csv": bytes(500_000, 3).toString("hex") }, { compress: true });
  for (const at of [0.2, 0.5, 0.8]) {
    const damaged = Buffer.from(archive);
    damaged[Math.floor(archive.length * at)]! ^= 0x10;
    const { file, into } = await prepare(t, damaged);
    await assert.rejects(unzip(file, { into, quiet }), ArchiveError);
    assert.deepEqual(await readdir(into), []);
  }
});

test("an archive cut at every tenth, an empty file and no archive at all are errors", async (t) => {
  const archive = await zip(photos, { compress: true });
  const broken = Array.from({ length: 10 }, (_, i) =>
    archive.subarray(0, Math.floor((archive.length * i) / 10)),
  );
  for (const part of [...broken, archive.subarray(0, -1), Buffer.from("<!doctype html>")]) {
    const { file, folder, into } = await prepare(t, part);
    await assert.rejects(unzip(file, { into, quiet }), /data\.zip cannot be unzipped/);
    assert.deepEqual(await listing(folder), ["data.zip"]);
  }
  await assert.rejects(unzip("/nowhere/x.zip", { quiet }), /x\.zip/);
});

test("an abort stops with the signal's reason, and only whole files are there", async (t) => {
  const files = Object.fromEntries(
    Array.from({ length: 200 }, (_, i): [string, Buffer] => [`${i}.bin`, bytes(20_000, i)]),
  );
  const { file, into } = await prepare(t, await zip(files));
  const abort = new AbortController();
  setTimeout(() => abort.abort(new Error("enough")), 15);
  await unzip(file, { into, quiet, signal: abort.signal }).catch((error) =>
    assert.equal(error.message, "enough"),
  );
  for (const name of await readdir(into)) {
    assert.deepEqual(await readFile(path.join(into, name)), files[name]);
  }
  assert.equal(process.listenerCount("SIGINT"), 0);
});

test("a killed run leaves only whole files under their names, and the next run tidies up", async (t) => {
  const files = Object.fromEntries(
    Array.from({ length: 400 }, (_, i): [string, Buffer] => [`${i}.bin`, bytes(20_000, i)]),
  );
  const { file, into } = await prepare(t, await zip(files));
  const script = `require(${JSON.stringify(path.resolve(__dirname, "../../../lib/data/archive"))})
    .unzip(${JSON.stringify(file)}, { into: ${JSON.stringify(into)}, quiet: true })`;
  const child: ChildProcess = spawn(process.execPath, ["-e", script]);
  const closed = new Promise((resolve) => child.on("close", resolve));
  while ((await readdir(into).catch(() => [])).length < 20) {
    if (child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  child.kill("SIGKILL");
  await closed;
  for (const name of (await readdir(into)).filter((name) => name.endsWith(".bin"))) {
    assert.deepEqual(await readFile(path.join(into, name)), files[name]);
  }
  await unzip(file, { into, quiet });
  assert.deepEqual((await readdir(into)).sort(), Object.keys(files).sort());
});

test("unzip prints one last line; quiet prints nothing", async (t) => {
  const { file, into } = await prepare(t, await zip(photos));
  assert.match(
    await printed(() => unzip(file, { into })),
    /^Unzipped data\.zip: 4 files \(811 kB\) in \d+ s\n$/,
  );
  assert.match(await printed(() => unzip(file, { into })), /0 files .*, 4 there already\n$/);
  assert.equal(await printed(() => unzip(file, { into, quiet })), "");
});

test("names that Unix writes without a mark become the folders of classes", async (t) => {
  const marked = await zip({ "고양이/0.jpg": "cat", "강아지/0.jpg": "dog" });
  const unmarked = Buffer.from(marked);
  for (let at = 0; at < unmarked.length - 4; at++) {
    const signature = unmarked.readUInt32LE(at);
    if (signature === 0x04034b50) unmarked.writeUInt16LE(0, at + 6);
    if (signature === 0x02014b50) unmarked.writeUInt16LE(0, at + 8);
  }
  assert.notDeepEqual(unmarked, marked);
  for (const archive of [marked, unmarked]) {
    const { file, into } = await prepare(t, archive);
    await unzip(file, { into, quiet });
    assert.deepEqual((await readdir(into)).sort(), ["강아지", "고양이"]);
  }
});

test("`encoding` reads names of another code page, and what isn't in it is an error", async (t) => {
  const name = Buffer.from("b0edbee7c0cc", "hex");
  const archive = await zip({ nnnnnn: "cat" });
  const korean = Buffer.from(archive);
  for (let at = korean.indexOf("nnnnnn"); at >= 0; at = korean.indexOf("nnnnnn", at + 1)) {
    name.copy(korean, at);
  }
  const { file, into } = await prepare(t, korean);
  await unzip(file, { into, quiet, encoding: "cp949" });
  assert.deepEqual(await readdir(into), ["고양이"]);
  await assert.rejects(unzip(file, { into, quiet, encoding: "utf-8" }), (error) => {
    assert.ok(error instanceof ArchiveError);
    assert.match(
      error.message,
      /data\.zip cannot be unzipped: the name .* isn't in the `encoding`/,
    );
    return true;
  });
  await assert.rejects(
    unzip(file, { into, quiet, encoding: "klingon" }),
    /`encoding` must be a label/,
  );
});

test("every error about an entry names the archive", async (t) => {
  const archive = await zip({ "photo.jpg": bytes(5000, 4) });
  archive[archive.indexOf("photo.jpg") + 2500]! ^= 1;
  const { file, into } = await prepare(t, archive);
  await assert.rejects(unzip(file, { into, quiet }), /data\.zip: "photo\.jpg" is damaged/);
});

test("wrong options are refused", async () => {
  // @ts-expect-error unknown option
  await assert.rejects(unzip("x.zip", { inot: "y" }), /has no option `inot`/);
  // @ts-expect-error a policy of before
  await assert.rejects(unzip("x.zip", { overwrite: "skip" }), (error: ConvnetsError) => {
    assert.match(error.message, /`overwrite` must be true or false. Received: overwrite="skip"/);
    assert.equal(error.hint, '`true` is what "skip" and "replace" were, `false` what "error" was.');
    return true;
  });
  // @ts-expect-error Keras' word, where the program `unzip` has another
  await assert.rejects(unzip("x.zip", { verbose: 0 }), { hint: "Use `quiet: true`." });
  await assert.rejects(unzip("x.zip", { maxRatio: 0 }), /`maxRatio` must be a positive number/);
});

test("an archive that is not there is a clear error", async (t) => {
  const into = await temporaryFolder(t);
  await assert.rejects(unzip(path.join(into, "gone.zip"), { into, quiet: true }), (error) => {
    assert.ok(error instanceof ArchiveError);
    assert.match(error.message, /gone\.zip cannot be unzipped: ENOENT/);
    return true;
  });
});
