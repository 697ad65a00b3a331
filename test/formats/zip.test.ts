import assert from "node:assert/strict";
import fs from "node:fs";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { type Options, ZipFile } from "yazl";
import {
  matchesChecksum,
  nameDecoder,
  openZip,
  readEntry,
  type Zip,
  type ZipEntry,
} from "../../lib/formats";
import { bytes } from "../data/download/servers";
import { temporaryFolder } from "../support/temporaryFolder";

/** Half of what random bytes hold, so that it shrinks, but not to something small. */
const large = Buffer.from(bytes(2 ** 20).map((byte) => byte & 0x0f));
const small = Buffer.from("a few words");

async function zipOf(files: Record<string, Buffer>, options: Partial<Options>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(content, name, options);
  zip.end();
  return buffer(zip.outputStream);
}

/** Opens an archive from its path and from its bytes; what is done must be the same. */
async function inBothWays(archive: Buffer, work: (zip: Zip) => Promise<void>): Promise<void> {
  using folder = temporaryFolder();
  const file = folder.join("archive.zip");
  fs.writeFileSync(file, archive);
  for (const source of [file, archive]) {
    const zip = await openZip(source);
    try {
      assert.equal(zip.size, archive.length);
      await work(zip);
    } finally {
      await zip.close();
    }
  }
}

async function entriesOf(zip: Zip): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = [];
  for await (const entry of zip.entries()) entries.push(entry);
  return entries;
}

test("files large and small, compressed and not, are read from a path and from bytes", async () => {
  for (const compress of [true, false]) {
    const archive = await zipOf({ large, small, empty: Buffer.alloc(0) }, { compress });
    await inBothWays(archive, async (zip) => {
      const found: Record<string, Buffer> = {};
      for (const entry of await entriesOf(zip)) {
        const content = await readEntry(zip, entry);
        assert.ok(matchesChecksum(entry, content));
        found[entry.fileName] = content;
      }
      assert.deepEqual(found, { large, small, empty: Buffer.alloc(0) });
    });
  }
});

test("damage is an error or another checksum, and the archive can still be closed", async () => {
  for (const compress of [true, false]) {
    for (const content of [large, small]) {
      const archive = await zipOf({ "a.bin": content }, { compress });
      const middle = Math.floor((35 + archive.indexOf("PK\x01\x02")) / 2);
      archive[middle]! ^= 0xff;
      await inBothWays(archive, async (zip) => {
        const [entry] = await entriesOf(zip);
        const intact = await readEntry(zip, entry!).then(
          (read) => matchesChecksum(entry!, read),
          () => false,
        );
        assert.equal(intact, false, `compressed: ${compress}, ${content.length} bytes`);
      });
    }
  }
});

test("an entry that holds more or less than it declares is refused", async () => {
  for (const content of [large, small]) {
    for (const lie of [1, -1]) {
      const archive = await zipOf({ "a.bin": content }, { compress: true });
      const directory = archive.indexOf("PK\x01\x02");
      archive.writeUInt32LE(content.length + lie, directory + 24);
      await inBothWays(archive, async (zip) => {
        const [entry] = await entriesOf(zip);
        await assert.rejects(readEntry(zip, entry!), /bytes/);
      });
    }
  }
});

test("an encrypted entry, and one of an unknown method, are refused with the reason", async () => {
  for (const [offset, value, reason] of [
    [8, 1, /encrypted/],
    [10, 12, /unsupported compression method: 12/],
  ] as const) {
    const archive = await zipOf({ small }, { compress: true });
    archive.writeUInt16LE(value, archive.indexOf("PK\x01\x02") + offset);
    await inBothWays(archive, async (zip) => {
      const [entry] = await entriesOf(zip);
      await assert.rejects(readEntry(zip, entry!), reason);
    });
  }
});

test("names with backslashes are paths, unless names are to be strict", async () => {
  const archive = await zipOf({ "a/b.txt": small }, {});
  const backslashed = Buffer.from(archive.toString("latin1").replaceAll("a/b", "a\\b"), "latin1");
  const [entry] = await entriesOf(await openZip(backslashed));
  assert.equal(entry!.fileName, "a/b.txt");
  const strict = await openZip(backslashed, { strictNames: true });
  await assert.rejects(entriesOf(strict), /invalid characters in fileName/);
});

test("what is no archive is refused, and its file is closed", async () => {
  using folder = temporaryFolder();
  const file = folder.join("archive.zip");
  fs.writeFileSync(file, large);
  const open = () => fs.readdirSync("/proc/self/fd").length;
  const before = open();
  for (let time = 0; time < 3; time++) await assert.rejects(openZip(file), /End of central/i);
  assert.equal(open(), before);
});

/** The same archive with names in other bytes of the same length, and nothing that says which encoding they are in. */
function renamed(archive: Buffer, from: string, to: Buffer): Buffer {
  const bytes = Buffer.from(archive);
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) to.copy(bytes, at);
  for (const [signature, flags] of [
    ["PK\x01\x02", 8],
    ["PK\x03\x04", 6],
  ] as const) {
    for (let at = bytes.indexOf(signature); at >= 0; at = bytes.indexOf(signature, at + 1)) {
      bytes.writeUInt16LE(bytes.readUInt16LE(at + flags) & ~0x800, at + flags);
    }
  }
  return bytes;
}

const catInUtf8 = Buffer.from("고양이.jpg");
const catInEucKr = Buffer.from("b0edbee7c0cc2e6a7067", "hex");

async function onlyName(archive: Buffer, encoding?: string): Promise<string> {
  const zip = await openZip(archive, { decodeName: encoding ? nameDecoder(encoding) : undefined });
  const [entry] = await entriesOf(zip);
  assert.ok(matchesChecksum(entry!, await readEntry(zip, entry!)));
  return entry!.fileName;
}

test("a name without a mark is UTF-8 where its bytes are, and else in the format's own code page", async () => {
  const archive = await zipOf({ "nnnnnnnnn.jpg": small }, {});
  assert.equal(catInUtf8.length, "nnnnnnnnn.jpg".length);
  assert.equal(await onlyName(renamed(archive, "nnnnnnnnn.jpg", catInUtf8)), "고양이.jpg");
  const old = renamed(
    await zipOf({ "caf_.txt": small }, {}),
    "caf_.txt",
    Buffer.from([99, 97, 102, 0x82]),
  );
  assert.equal(await onlyName(old), "café.txt");
});

test("a decoder reads what the archive doesn't mark, and nothing else", async () => {
  const archive = renamed(await zipOf({ "nnnnnn.jpg": small }, {}), "nnnnnn.jpg", catInEucKr);
  for (const encoding of ["euc-kr", "cp949", " EUC-KR "]) {
    assert.equal(await onlyName(archive, encoding), "고양이.jpg");
  }
  assert.notEqual(await onlyName(archive), "고양이.jpg");
  const japanese = renamed(
    await zipOf({ "nn.jpg": small }, {}),
    "nn.jpg",
    Buffer.from("944c2e6a7067", "hex"),
  );
  assert.equal(await onlyName(japanese, "cp932"), "猫.jpg");
  assert.equal(await onlyName(await zipOf({ "고양이.jpg": small }, {}), "shift_jis"), "고양이.jpg");
  await assert.rejects(onlyName(archive, "utf-8"), /isn't in the `encoding` that was given/);
  assert.equal(nameDecoder("klingon"), undefined);
});

test("a name in another encoding can't lead out of the folder", async () => {
  const archive = renamed(
    await zipOf({ "nnnnnn.jpg": small }, {}),
    "nnnnnn.jpg",
    Buffer.from("../../.jpg"),
  );
  await assert.rejects(onlyName(archive, "euc-kr"), /invalid relative path/);
});

test("an entry has the same name in the directory and in front of its bytes, or is refused", async () => {
  for (const content of [large, small]) {
    const archive = await zipOf({ "cat/0.jpg": content }, { compress: true });
    archive.write("dog", archive.indexOf("cat/0.jpg"));
    await inBothWays(archive, async (zip) => {
      const [entry] = await entriesOf(zip);
      await assert.rejects(readEntry(zip, entry!), /"cat\/0.jpg" has another name in front of/);
    });
  }
});

test("an archive is found with other bytes before it, after it and around it", async () => {
  const files = { "a/large": large, small, empty: Buffer.alloc(0) };
  for (const forceZip64Format of [false, true]) {
    const zip = new ZipFile();
    for (const [name, content] of Object.entries(files)) {
      zip.addBuffer(content, name, { forceZip64Format });
    }
    zip.end({ comment: "with a comment", forceZip64Format });
    const archive = await buffer(zip.outputStream);
    const program = Buffer.from(bytes(3000, 7));
    for (const around of [
      [program, archive],
      [archive, program],
      [archive, Buffer.from("\r\n")],
      [program, archive, Buffer.alloc(200_000)],
    ]) {
      await inBothWays(Buffer.concat(around), async (opened) => {
        const found: Record<string, Buffer> = {};
        for (const entry of await entriesOf(opened)) {
          found[entry.fileName] = await readEntry(opened, entry);
          assert.ok(matchesChecksum(entry, found[entry.fileName]!));
        }
        assert.deepEqual(found, files);
      });
    }
  }
});

test("the end of an archive that stands in another one's comment is not taken for its own", async () => {
  const inner = await zipOf({ inner: small }, {});
  const zip = new ZipFile();
  zip.addBuffer(small, "outer");
  zip.end({ comment: "-".repeat(22), forceZip64Format: false });
  const archive = await buffer(zip.outputStream);
  inner.copy(archive, archive.length - 22, inner.length - 22);
  assert.equal(await onlyName(archive), "outer");
});
