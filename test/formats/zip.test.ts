import assert from "node:assert/strict";
import fs from "node:fs";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { type Options, ZipFile } from "yazl";
import { matchesChecksum, openZip, readEntry, type Zip, type ZipEntry } from "../../lib/formats";
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
