import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { lstat, mkdir, readFile, stat, symlink, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { ChecksumError, DownloadError, downloadFile } from "../../../lib/data";
import { ConvnetsError } from "../../../lib/errors";
import { listing, printed, temporaryFolder } from "../files";
import { bytes, md5, sendFile, serve, sha256 } from "./servers";

const content = bytes(200_000);
const quick = { quiet: true, retryDelayMs: 1, minBytesPerSecond: 0 } as const;

test("downloadFile saves the file under the name in `output`, with nothing beside it", async (t) => {
  const folder = await temporaryFolder(t);
  const server = await serve(t, (q, a) => sendFile(q, a, content));
  const output = path.join(folder, "new", "photos.zip");
  const saved = await downloadFile(`${server.url}/x`, {
    ...quick,
    output,
    sha256: sha256(content),
    md5: md5(content),
  });
  assert.equal(saved, output);
  assert.deepEqual(await readFile(output), content);
  assert.deepEqual(await listing(folder), ["new/photos.zip"]);
});

for (const chunked of [false, true]) {
  test(`downloadFile goes on after a cut at every tenth of the file (${chunked ? "no length" : "known length"})`, async (t) => {
    const folder = await temporaryFolder(t);
    const server = await serve(t, (q, a) =>
      sendFile(q, a, content, { cutAfter: content.length / 10, chunked }),
    );
    const output = path.join(folder, "photos.zip");
    // One repetition in a row is enough, as every try gets further.
    await downloadFile(server.url, { ...quick, output, retries: 1 });
    assert.deepEqual(await readFile(output), content);
    assert.equal(server.requests.length, 10);
    assert.deepEqual(
      server.requests.map(({ headers }) => headers.range),
      [undefined, ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => `bytes=${i * 20_000}-`)],
    );
    assert.deepEqual(await listing(folder), ["photos.zip"]);
  });
}

test("a cut at any tenth leaves a part file that a second call continues", async (t) => {
  for (let tenth = 0; tenth < 10; tenth++) {
    const folder = await temporaryFolder(t);
    const output = path.join(folder, "photos.zip");
    let isCut = true;
    const server = await serve(t, (q, a) =>
      sendFile(q, a, content, isCut ? { cutAfter: tenth * 20_000 } : {}),
    );
    await assert.rejects(downloadFile(server.url, { ...quick, output, retries: 0 }), DownloadError);
    assert.deepEqual(
      await listing(folder),
      tenth === 0 ? [] : ["photos.zip.part", "photos.zip.part.json"],
    );
    isCut = false;
    await downloadFile(server.url, { ...quick, output });
    assert.deepEqual(await readFile(output), content);
    assert.deepEqual(await listing(folder), ["photos.zip"]);
    if (tenth > 0) assert.equal(server.requests[1]?.headers.range, `bytes=${tenth * 20_000}-`);
  }
});

test("with `resume: false` a cut connection leaves nothing", async (t) => {
  const folder = await temporaryFolder(t);
  const server = await serve(t, (q, a) => sendFile(q, a, content, { cutAfter: 50_000 }));
  await assert.rejects(
    downloadFile(server.url, {
      ...quick,
      output: path.join(folder, "photos.zip"),
      resume: false,
      retries: 0,
    }),
    /broke off \(gave up after 1 tries\)/,
  );
  assert.deepEqual(await listing(folder), []);
});

test("a server that ignores Range is read from the start again", async (t) => {
  const folder = await temporaryFolder(t);
  const output = path.join(folder, "photos.zip");
  let cutAfter: number | undefined = 150_000;
  const server = await serve(t, (q, a) => {
    sendFile(q, a, content, { ignoresRange: true, cutAfter });
    cutAfter = undefined;
  });
  await downloadFile(server.url, { ...quick, output });
  assert.deepEqual(await readFile(output), content);
  assert.deepEqual(await listing(folder), ["photos.zip"]);
});

for (const behaviour of [
  { what: "ETag", old: {}, fresh: {} },
  { what: "ETag, but If-Range ignored", old: {}, fresh: { ignoresIfRange: true } },
  {
    what: "Last-Modified",
    old: { etag: null, lastModified: "Mon, 01 Jan 2024 00:00:00 GMT" },
    fresh: { etag: null, lastModified: "Tue, 02 Jan 2024 00:00:00 GMT" },
  },
  { what: "weak ETag", old: { etag: 'W/"1"' }, fresh: { etag: 'W/"2"' } },
  { what: "length", old: { etag: null }, fresh: { etag: null }, length: 200_001 },
]) {
  test(`a file that changed before resuming (${behaviour.what}) comes anew, never as a mixture`, async (t) => {
    const folder = await temporaryFolder(t);
    const output = path.join(folder, "photos.zip");
    const changed = bytes(behaviour.length ?? content.length, 2);
    let isNew = false;
    const server = await serve(t, (q, a) => {
      if (isNew) sendFile(q, a, changed, behaviour.fresh);
      else sendFile(q, a, content, { ...behaviour.old, cutAfter: 90_000 });
    });
    await assert.rejects(downloadFile(server.url, { ...quick, output, retries: 0 }));
    isNew = true;
    await downloadFile(server.url, { ...quick, output });
    assert.deepEqual(await readFile(output), changed);
    assert.deepEqual(await listing(folder), ["photos.zip"]);
  });
}

test("two halves that no header told apart are caught by the hash, and the file comes once more", async (t) => {
  const folder = await temporaryFolder(t);
  const output = path.join(folder, "photos.zip");
  const changed = bytes(content.length, 2);
  let isNew = false;
  const server = await serve(t, (q, a) =>
    sendFile(q, a, isNew ? changed : content, { etag: null, cutAfter: isNew ? undefined : 90_000 }),
  );
  const options = { ...quick, output, sha256: sha256(changed) };
  await assert.rejects(downloadFile(server.url, { ...options, retries: 0 }));
  isNew = true;
  await downloadFile(server.url, options);
  assert.deepEqual(await readFile(output), changed);
});

test("a part without a download's note may be somebody's, and stays as it is unless it may be overwritten", async (t) => {
  const folder = await temporaryFolder(t);
  const output = path.join(folder, "photos.zip");
  const part = `${output}.part`;
  const server = await serve(t, (q, a) => sendFile(q, a, content));
  for (const note of [undefined, "my note", '{ "mine": true }', '{ "source": "my camera" }']) {
    await writeFile(part, "precious");
    if (note !== undefined) await writeFile(`${part}.json`, note);
    await assert.rejects(downloadFile(server.url, { ...quick, output }), (error) => {
      assert.ok(error instanceof DownloadError);
      assert.match(error.message, /photos\.zip\.part is there already, and isn't the part of a/);
      assert.match(error.hint!, /Move it away, or use `overwrite: true`/);
      return true;
    });
    assert.equal(await readFile(part, "utf8"), "precious");
    assert.equal(await readFile(`${part}.json`, "utf8").catch(() => undefined), note);
  }
  await downloadFile(server.url, { ...quick, output, overwrite: true });
  assert.deepEqual(await readFile(output), content);
  assert.deepEqual(await listing(folder), ["photos.zip"]);
});

test("somebody's file keeps its name and bytes whatever a download beside it is called", async (t) => {
  const folder = await temporaryFolder(t);
  const output = path.join(folder, "photos.zip");
  const server = await serve(t, (q, a) => sendFile(q, a, content));
  const names = [
    "photos.zip.part.new",
    "photos.zip.new",
    ".photos.zip.part",
    ".photos.zip.claim-x",
  ];
  for (const name of names) await writeFile(path.join(folder, name), "precious");
  await downloadFile(server.url, { ...quick, output });
  assert.deepEqual(await readFile(output), content);
  for (const name of names) {
    assert.equal(await readFile(path.join(folder, name), "utf8"), "precious", name);
  }
  assert.deepEqual(await listing(folder), [...names, "photos.zip"].sort());
});

for (const [title, name, isFolder] of [
  ["a folder in the part's place", "photos.zip.part", true],
  ["a folder in the place of the part's note", "photos.zip.part.json", true],
  ["a folder in the claim's place", ".photos.zip.claim", true],
  ["a file in the claim's place", ".photos.zip.claim", false],
] as const) {
  test(`${title} is named in an error, and stays even where it may be overwritten`, async (t) => {
    const folder = await temporaryFolder(t);
    const output = path.join(folder, "photos.zip");
    const place = path.join(folder, name);
    const server = await serve(t, (q, a) => sendFile(q, a, content));
    const precious = isFolder ? path.join(place, "mine") : place;
    if (isFolder) await mkdir(place);
    await writeFile(precious, "precious");
    await utimes(precious, 0, 0);
    for (const overwrite of [false, true]) {
      await assert.rejects(downloadFile(server.url, { ...quick, output, overwrite }), (error) => {
        assert.ok(error instanceof ConvnetsError);
        assert.ok(error.message.startsWith(`${place} is there already, and isn't `), error.message);
        assert.match(error.hint!, /move it away/i);
        return true;
      });
      assert.equal(await readFile(precious, "utf8"), "precious");
      assert.equal((await stat(place)).isDirectory(), isFolder);
    }
  });
}

test("the part of one address is not continued by another, queries included, and its note shows no query", async (t) => {
  const folder = await temporaryFolder(t);
  const output = path.join(folder, "photos.zip");
  const other = bytes(content.length, 2);
  let cutAfter: number | undefined = 90_000;
  const server = await serve(t, (q, a) =>
    sendFile(q, a, q.url?.includes("v=2") ? other : content, { etag: '"same"', cutAfter }),
  );
  const first = `${server.url}/f?v=1&token=secret`;
  await assert.rejects(downloadFile(first, { ...quick, output, retries: 0 }));
  assert.doesNotMatch(await readFile(`${output}.part.json`, "utf8"), /secret|v=1/);
  cutAfter = undefined;
  await downloadFile(`${server.url}/f?v=2&token=secret`, { ...quick, output });
  assert.equal(server.requests[1]?.headers.range, undefined);
  assert.deepEqual(await readFile(output), other);
});

test("a part that no header and no hash could tell from another file's comes anew in the next call", async (t) => {
  const folder = await temporaryFolder(t);
  const output = path.join(folder, "photos.zip");
  const changed = bytes(content.length, 2);
  let isNew = false;
  const server = await serve(t, (q, a) =>
    sendFile(q, a, isNew ? changed : content, { etag: null, cutAfter: isNew ? undefined : 90_000 }),
  );
  await assert.rejects(downloadFile(server.url, { ...quick, output, retries: 0 }));
  isNew = true;
  await downloadFile(server.url, { ...quick, output });
  assert.deepEqual(await readFile(output), changed);
});

test("halves that never fit together are given up, not fetched for ever", async (t) => {
  const folder = await temporaryFolder(t);
  const output = path.join(folder, "photos.zip");
  let turn = 0;
  const server = await serve(t, (q, a) =>
    sendFile(q, a, bytes(content.length, ++turn), { etag: null, cutAfter: 120_000 }),
  );
  await assert.rejects(
    downloadFile(server.url, { ...quick, output, sha256: sha256(content) }),
    ChecksumError,
  );
  assert.equal(server.requests.length, 4);
});

test("a server that sends more of the rest than there is is not believed", async (t) => {
  const folder = await temporaryFolder(t);
  const output = path.join(folder, "photos.zip");
  const server = await serve(t, (q, a) => {
    if (q.headers.range === undefined) return sendFile(q, a, content, { cutAfter: 90_000 });
    a.writeHead(206, {
      etag: `"${sha256(content).slice(0, 16)}"`,
      "content-range": `bytes 90000-199999/200000`,
    });
    a.end(bytes(150_000));
  });
  await assert.rejects(downloadFile(server.url, { ...quick, output }), (error) => {
    assert.ok(error instanceof DownloadError);
    assert.equal(error.name, "DownloadError");
    assert.match(error.message, /sends more than the 200000 bytes that it announces/);
    return true;
  });
  assert.deepEqual(await listing(folder), []);
});

test("a wrong hash is a ChecksumError, and neither the file nor a part of it is kept", async (t) => {
  const folder = await temporaryFolder(t);
  const output = path.join(folder, "photos.zip");
  const server = await serve(t, (q, a) => sendFile(q, a, content));
  for (const expected of [{ sha256: "0".repeat(64) }, { md5: "0".repeat(32) }]) {
    await assert.rejects(downloadFile(server.url, { ...quick, output, ...expected }), (error) => {
      assert.ok(error instanceof ChecksumError);
      assert.match(
        error.message,
        /is not the expected file: (sha256|md5) is [0-9a-f]+, expected 0+/,
      );
      return true;
    });
    assert.deepEqual(await listing(folder), []);
  }
});

test("an existing file stays as it was when the new one fails", async (t) => {
  const folder = await temporaryFolder(t);
  const output = path.join(folder, "photos.zip");
  await writeFile(output, "precious");
  const server = await serve(t, (q, a) => sendFile(q, a, content));
  await assert.rejects(downloadFile(server.url, { ...quick, output, md5: "0".repeat(32) }));
  assert.equal(await readFile(output, "utf8"), "precious");
  assert.deepEqual(await listing(folder), ["photos.zip"]);
});

test("the right file is not downloaded twice", async (t) => {
  const folder = await temporaryFolder(t);
  const output = path.join(folder, "photos.zip");
  const server = await serve(t, (q, a) =>
    sendFile(q, a, content, { lastModified: "Mon, 01 Jan 2024 00:00:00 GMT" }),
  );
  await downloadFile(server.url, { ...quick, output });
  const { mtimeMs, ino } = await stat(output);

  await downloadFile(server.url, { ...quick, output, sha256: sha256(content) });
  assert.equal(server.requests.length, 1, "a known hash needs no request");
  const text = await printed(() => downloadFile(server.url, { output }));
  assert.match(text, /Already there: .*photos\.zip \(200 kB\)/);
  assert.deepEqual({ mtimeMs, ino }, pick(await stat(output)));

  // Touched by somebody: no longer known, so that only its bytes tell.
  await utimes(output, 0, 0);
  const compared = await printed(() => downloadFile(server.url, { output }));
  assert.match(compared, /Already there: .*photos\.zip \(the same bytes\)/);
  assert.equal((await stat(output)).ino, ino);
  const before = server.requests.length;
  assert.match(await printed(() => downloadFile(server.url, { output })), /\(200 kB\)/);
  assert.equal(server.requests.length, before + 1, "known again");
});

test("a new version replaces the one that came from the same address, and was not changed since", async (t) => {
  const folder = await temporaryFolder(t);
  const output = path.join(folder, "photos.zip");
  let version = 1;
  const server = await serve(t, (q, a) =>
    sendFile(q, a, bytes(200_000, version), {
      lastModified: new Date(Date.UTC(2024, 0, version)).toUTCString(),
    }),
  );
  for (version = 1; version <= 3; version++) {
    await downloadFile(server.url, { ...quick, output });
    assert.deepEqual(await readFile(output), bytes(200_000, version));
    assert.equal(Math.floor((await stat(output)).mtimeMs / 86_400_000), 19_722 + version);
  }
  await writeFile(output, bytes(200_000, 9));
  await assert.rejects(downloadFile(server.url, { ...quick, output }), /is there already/);
  assert.deepEqual(await readFile(output), bytes(200_000, 9));
});

for (const [what, other] of [
  ["of another length", Buffer.from("precious")],
  ["of the same length", Buffer.alloc(content.length, "p")],
] as const) {
  test(`a file ${what} that came from elsewhere is kept, unless it may be overwritten`, async (t) => {
    const folder = await temporaryFolder(t);
    const headers = { "content-disposition": 'attachment; filename="package.json"' };
    const server = await serve(t, (q, a) => sendFile(q, a, content, { headers }));
    const file = path.join(folder, "package.json");
    await writeFile(file, other);
    const options = { ...quick, output: `${folder}/` };
    for (const more of [{}, { resume: false }, { sha256: sha256(content) }]) {
      await assert.rejects(downloadFile(`${server.url}/f`, { ...options, ...more }), (error) => {
        assert.ok(error instanceof DownloadError);
        assert.match(error.message, /package\.json is there already, and is not what .*\/f gives/);
        assert.match(error.hint!, /`overwrite: true`/);
        return true;
      });
      assert.deepEqual(await readFile(file), other);
      assert.deepEqual(await listing(folder), ["package.json"]);
    }
    assert.equal(await downloadFile(`${server.url}/f`, { ...options, overwrite: true }), file);
    assert.deepEqual(await readFile(file), content);
  });
}

test("the file of one address is not taken for that of another, of the same length and time", async (t) => {
  const folder = await temporaryFolder(t);
  const output = path.join(folder, "photos.zip");
  const lastModified = "Mon, 01 Jan 2024 00:00:00 GMT";
  const other = bytes(content.length, 2);
  const server = await serve(t, (q, a) =>
    sendFile(q, a, q.url === "/a" ? content : other, { lastModified }),
  );
  await downloadFile(`${server.url}/a`, { ...quick, output });
  await assert.rejects(downloadFile(`${server.url}/b`, { ...quick, output }), /is there already/);
  assert.deepEqual(await readFile(output), content);
  await downloadFile(`${server.url}/b`, { ...quick, output, overwrite: true });
  assert.deepEqual(await readFile(output), other);
});

test("a link is followed to its file, and a device is refused", async (t) => {
  const folder = await temporaryFolder(t);
  const server = await serve(t, (q, a) => sendFile(q, a, content));
  const [file, link] = [path.join(folder, "file"), path.join(folder, "link")];
  await writeFile(file, "old");
  await symlink("file", link);
  await downloadFile(server.url, { ...quick, output: link, overwrite: true });
  assert.ok((await lstat(link)).isSymbolicLink());
  assert.deepEqual(await readFile(file), content);
  await symlink("nowhere", path.join(folder, "lost"));
  await downloadFile(server.url, { ...quick, output: path.join(folder, "lost") });
  assert.deepEqual(await readFile(path.join(folder, "nowhere")), content);
  await assert.rejects(
    downloadFile(server.url, { ...quick, output: "/dev/null" }),
    /`output` must/,
  );
});

test("a user name and a password in the address go to its server only, and are never shown", async (t) => {
  const folder = await temporaryFolder(t);
  const output = path.join(folder, "f");
  const other = await serve(t, (q, a) => sendFile(q, a, content));
  const server = await serve(t, (q, a) => {
    if (q.url !== "/start") a.writeHead(302, { location: "http://you:secret@127.0.0.1/" }).end();
    else a.writeHead(302, { location: `${other.url.replace("127.0.0.1", "localhost")}/f` }).end();
  });
  const address = server.url.replace("//", "//me%40home:my%20secret@");
  const text = await printed(() => downloadFile(`${address}/start`, { output }));
  assert.equal(
    server.requests[0]?.headers.authorization,
    `Basic ${Buffer.from("me@home:my secret").toString("base64")}`,
  );
  assert.equal(other.requests[0]?.headers.authorization, undefined);
  const messages = [text, await readFile(output, "latin1")];
  for (const url of [
    `${address}/elsewhere`,
    address.replace(/:\d+$/, ":1/"),
    "ftp://me:my secret@127.0.0.1/f",
    "http://me:my secret@[",
  ]) {
    await assert.rejects(downloadFile(url, { ...quick, output, retries: 0 }), (error) => {
      messages.push(inspect(error));
      return true;
    });
  }
  for (const message of messages.slice(0, 1).concat(messages.slice(2))) {
    assert.doesNotMatch(message, /secret|me%40home|me@home/);
  }
  const headers = { Authorization: "Bearer own" };
  await downloadFile(`${address}/start`, { ...quick, output, headers, overwrite: true });
  assert.equal(server.requests.at(-1)?.headers.authorization, "Bearer own");
});

function pick({ mtimeMs, ino }: { mtimeMs: number; ino: number }) {
  return { mtimeMs, ino };
}

for (const status of [429, 500, 503]) {
  test(`a ${status} that passes is waited for`, async (t) => {
    const folder = await temporaryFolder(t);
    let refusals = 2;
    const server = await serve(t, (q, a) => {
      if (refusals-- > 0) a.writeHead(status, { "retry-after": "0" }).end("busy");
      else sendFile(q, a, content);
    });
    await downloadFile(server.url, { ...quick, output: path.join(folder, "photos.zip") });
    assert.equal(server.requests.length, 3);
    assert.deepEqual(await listing(folder), ["photos.zip"]);
  });

  test(`a ${status} that stays is an error with the status, and nothing is left`, async (t) => {
    const folder = await temporaryFolder(t);
    const server = await serve(t, (_, a) => void a.writeHead(status).end("busy"));
    await assert.rejects(
      downloadFile(server.url, { ...quick, output: path.join(folder, "photos.zip"), retries: 2 }),
      (error) => error instanceof DownloadError && error.status === status,
    );
    assert.equal(server.requests.length, 3);
    assert.deepEqual(await listing(folder), []);
  });
}

test("Retry-After is honoured, and a wait of hours is told instead of slept", async (t) => {
  const folder = await temporaryFolder(t);
  const times: number[] = [];
  const server = await serve(t, (q, a) => {
    times.push(performance.now());
    if (times.length === 1) a.writeHead(429, { "retry-after": "1" }).end();
    else if (q.url === "/later") a.writeHead(429, { "retry-after": "7200" }).end();
    else sendFile(q, a, content);
  });
  await downloadFile(server.url, { ...quick, output: path.join(folder, "a") });
  assert.ok(times[1]! - times[0]! >= 990);
  await assert.rejects(
    downloadFile(`${server.url}/later`, { ...quick, output: path.join(folder, "b") }),
    /answered 429/,
  );
  assert.deepEqual(await listing(folder), ["a"]);
});

test("a 404 is an error at once", async (t) => {
  const folder = await temporaryFolder(t);
  const server = await serve(t, (_, a) => void a.writeHead(404).end("gone"));
  await assert.rejects(
    downloadFile(`${server.url}/photos.zip?token=secret`, { ...quick, output: `${folder}/` }),
    (error) => {
      assert.ok(error instanceof DownloadError);
      assert.match(error.message, /photos\.zip answered 404 Not Found/);
      assert.doesNotMatch(error.message + error.url, /secret/);
      return true;
    },
  );
  assert.equal(server.requests.length, 1);
  assert.deepEqual(await listing(folder), []);
});

test("a server that never answers, one that falls silent and one that drips are given up", async (t) => {
  const folder = await temporaryFolder(t);
  const drips: NodeJS.Timeout[] = [];
  t.after(() => drips.forEach(clearInterval));
  const server = await serve(t, (q, a) => {
    if (q.url === "/mute") return;
    a.writeHead(200, { "content-length": content.length });
    a.write(content.subarray(0, 1000));
    if (q.url === "/drip") drips.push(setInterval(() => a.write("x"), 10));
  });
  const options = { ...quick, timeoutMs: 100, retries: 1, resume: false };
  for (const [name, message] of [
    ["mute", /no answer in 0\.1 s \(gave up after 2 tries\)/],
    ["silent", /stalled: 0 bytes in 0\.1 s \(gave up after 2 tries\)/],
  ] as const) {
    const output = path.join(folder, name);
    await assert.rejects(downloadFile(`${server.url}/${name}`, { ...options, output }), message);
  }
  await assert.rejects(
    downloadFile(`${server.url}/drip`, {
      ...options,
      minBytesPerSecond: 100_000,
      output: path.join(folder, "drip"),
    }),
    /stalled: \d+ bytes in 0\.1 s \(gave up after 2 tries\)/,
  );
  assert.deepEqual(await listing(folder), []);
});

test("credentials and cookies do not follow to another host", async (t) => {
  const folder = await temporaryFolder(t);
  const other = await serve(t, (q, a) => sendFile(q, a, content));
  const server = await serve(t, (q, a) => {
    a.setHeader("set-cookie", "session=secret; Path=/");
    if (q.url === "/start") a.writeHead(302, { location: "/again" }).end();
    else a.writeHead(302, { location: `${other.url.replace("127.0.0.1", "localhost")}/f` }).end();
  });
  const headers = { authorization: "Bearer secret", "x-api-key": "secret" };
  await downloadFile(`${server.url}/start`, { ...quick, output: path.join(folder, "f"), headers });
  assert.equal(server.requests[1]?.headers.authorization, "Bearer secret");
  assert.equal(server.requests[1]?.headers.cookie, "session=secret");
  assert.doesNotMatch(JSON.stringify(other.requests), /secret/);
  assert.equal(other.requests.length, 1);
});

test("a redirect to a sign-in page, a loop and a redirect to nowhere are errors", async (t) => {
  const folder = await temporaryFolder(t);
  const targets: Record<string, string> = {
    "/google": "https://accounts.google.com/ServiceLogin?continue=x",
    "/local": "/account/login?returnUrl=x",
    "/loop": "/loop",
    "/file": "file:///etc/passwd",
  };
  const server = await serve(t, (q, a) => {
    a.writeHead(302, { location: targets[q.url ?? ""] }).end();
  });
  for (const [from, message] of [
    ["/google", /asks to sign in \(at accounts\.google\.com\)/],
    ["/local", /asks to sign in/],
    ["/loop", /redirects more than 10 times/],
    ["/file", /redirects from http to file, at no host/],
  ] as const) {
    const output = path.join(folder, "f");
    await assert.rejects(downloadFile(server.url + from, { ...quick, output }), message);
  }
  assert.deepEqual(await listing(folder), []);
});

test("a web page in place of the file is an error, by its type and by its beginning", async (t) => {
  const folder = await temporaryFolder(t);
  const server = await serve(t, (q, a) => {
    const type = q.url === "/sly" ? "application/zip" : "text/html; charset=utf-8";
    a.writeHead(200, { "content-type": type }).end("<!-- hi -->\n<!DOCTYPE html><title>No</title>");
  });
  for (const name of ["page", "sly"]) {
    await assert.rejects(
      downloadFile(`${server.url}/${name}`, { ...quick, output: path.join(folder, "photos.zip") }),
      /web page in place of the file/,
    );
  }
  assert.deepEqual(await listing(folder), []);
  await downloadFile(`${server.url}/page`, { ...quick, output: path.join(folder, "page.html") });
  assert.deepEqual(await listing(folder), ["page.html"]);
});

test("a web page is told in pieces, after a comment and over two tries", async (t) => {
  const folder = await temporaryFolder(t);
  const page = Buffer.from(`<!-- ${"x".repeat(800)} -->\n<!DOCTYPE html><title>No</title>`);
  let cut = true;
  const server = await serve(t, async (q, a) => {
    if (q.url === "/halves") {
      sendFile(q, a, page, cut ? { cutAfter: 5 } : {});
      cut = false;
      return;
    }
    a.writeHead(200, { "content-type": "application/zip" });
    for (let at = 0; at < page.length; at += 20) {
      a.write(page.subarray(at, at + 20));
      await new Promise(setImmediate);
    }
    a.end();
  });
  for (const name of ["pieces", "halves"]) {
    const output = path.join(folder, "photos.zip");
    await assert.rejects(
      downloadFile(`${server.url}/${name}`, { ...quick, output }),
      /web page in place of the file/,
    );
    assert.deepEqual(await listing(folder), []);
  }
});

test("the server's file name is used, and cannot leave the folder", async (t) => {
  const folder = await temporaryFolder(t);
  const inside = path.join(folder, "in");
  await mkdir(inside);
  let disposition = "";
  const server = await serve(t, (q, a) =>
    sendFile(q, a, content, disposition ? { headers: { "content-disposition": disposition } } : {}),
  );
  for (const [header, name] of [
    ['attachment; filename="dogs-vs-cats.zip"', "dogs-vs-cats.zip"],
    [
      "attachment; filename=\"x.zip\"; filename*=UTF-8''%EA%B3%A0%EC%96%91%EC%9D%B4.zip",
      "고양이.zip",
    ],
    ['attachment; filename="../../evil.zip"', "evil.zip"],
    ["attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd", "passwd"],
    ['attachment; filename="C:\\\\Windows\\\\a.dll"', "a.dll"],
    ['attachment; filename=".bashrc"', "bashrc"],
    ['attachment; filename=".."', "download"],
    ["", "photos 1.zip"],
  ] as const) {
    disposition = header;
    const saved = await downloadFile(`${server.url}/a/photos%201.zip`, {
      ...quick,
      output: inside,
    });
    assert.equal(saved, path.join(inside, name));
  }
  assert.ok((await listing(folder)).every((file) => file.startsWith("in/")));
});

test("an abort stops at once with the signal's reason and keeps a part to continue", async (t) => {
  const folder = await temporaryFolder(t);
  const output = path.join(folder, "photos.zip");
  const abort = new AbortController();
  let isSlow = true;
  const server = await serve(t, (q, a) => {
    if (!isSlow) return sendFile(q, a, content);
    a.writeHead(200, {
      "content-length": content.length,
      etag: `"${sha256(content).slice(0, 16)}"`,
    });
    a.write(content.subarray(0, 60_000));
    setTimeout(() => abort.abort(new Error("enough")), 100);
  });
  const { signal } = abort;
  await assert.rejects(downloadFile(server.url, { ...quick, output, signal }), /^Error: enough$/);
  assert.deepEqual(await listing(folder), ["photos.zip.part", "photos.zip.part.json"]);
  await assert.rejects(downloadFile(server.url, { ...quick, output, signal }), /enough/);
  assert.equal(server.requests.length, 1);
  isSlow = false;
  await downloadFile(server.url, { ...quick, output });
  assert.equal(server.requests[1]?.headers.range, "bytes=60000-");
  assert.deepEqual(await readFile(output), content);
});

test("the kernel's interrupt stops a download, also between two tries", async (t) => {
  const folder = await temporaryFolder(t);
  const output = path.join(folder, "photos.zip");
  const server = await serve(t, (_, a) => {
    a.writeHead(500).end();
    setTimeout(() => process.kill(process.pid, "SIGINT"), 50);
  });
  await assert.rejects(
    downloadFile(server.url, { ...quick, output, retryDelayMs: 60_000 }),
    /was interrupted/,
  );
  assert.equal(process.listenerCount("SIGINT"), 0);
  assert.deepEqual(await listing(folder), []);
});

test("a file that cannot fit on the disk is refused before a byte is written", async (t) => {
  const folder = await temporaryFolder(t);
  const server = await serve(t, (_, a) => {
    a.writeHead(200, { "content-length": 1e15 });
    a.write("x");
  });
  await assert.rejects(
    downloadFile(server.url, { ...quick, output: path.join(folder, "photos.zip") }),
    /too little room: the file needs 1\.00 PB/,
  );
  assert.deepEqual(await listing(folder), []);
});

test("a disk that fills up on the way gives a clear error and no file under the real name", async (t) => {
  const folder = await temporaryFolder(t);
  const server = await serve(t, (q, a) => sendFile(q, a, content, { chunked: true }));
  const script = `
    process.on("SIGXFSZ", () => {});
    require(${JSON.stringify(path.resolve(__dirname, "../../../lib/data/download"))})
      .downloadFile(${JSON.stringify(server.url)}, { output: ${JSON.stringify(`${folder}/f.zip`)}, quiet: true, resume: false })
      .then(() => console.log("saved"), (error) => console.log(error.message));`;
  // A limit on the size of files makes the same kind of fault as a full disk, without filling one.
  const child = spawn("bash", ["-c", 'ulimit -f 64; exec "$0" -e "$1"', process.execPath, script]);
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  await new Promise((resolve) => child.on("close", resolve));
  assert.match(text, /The disk is full \(EFBIG\): .*f\.zip\.part could not grow beyond 65\.\d kB/);
  assert.deepEqual(await listing(folder), []);
});

test("two downloads to one file at the same time are refused", async (t) => {
  const folder = await temporaryFolder(t);
  const output = path.join(folder, "photos.zip");
  const server = await serve(t, (q, a) => void setTimeout(() => sendFile(q, a, content), 50));
  const results = await Promise.allSettled([
    downloadFile(server.url, { ...quick, output }),
    downloadFile(server.url, { ...quick, output }),
  ]);
  assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  assert.deepEqual(await readFile(output), content);
});

test("downloadFile prints From, To and a last line with percent, size and rate; quiet prints nothing", async (t) => {
  const folder = await temporaryFolder(t);
  const output = path.join(folder, "photos.zip");
  const server = await serve(t, (q, a) => sendFile(q, a, content));
  const text = await printed(() => downloadFile(`${server.url}/p.zip`, { output }));
  assert.match(text, new RegExp(`^From: ${server.url}/p\\.zip\nTo:   ${output}\n`));
  assert.match(text, /100% ━+ 200 kB of 200 kB in \d+ s, [\d.]+ \w?B\/s\n$/);
  assert.equal(
    await printed(() => downloadFile(server.url, { output, resume: false, quiet: true })),
    "",
  );
});

test("wrong options are refused before anything is asked", async () => {
  const url = "http://127.0.0.1:1/";
  // @ts-expect-error unknown option
  await assert.rejects(downloadFile(url, { outptu: "x" }), /has no option `outptu`/);
  await assert.rejects(downloadFile("ftp://x/y"), /`url` must be an http or https address/);
  await assert.rejects(
    downloadFile(url, { sha256: "abc" }),
    /`sha256` must be 64 hexadecimal digits/,
  );
  await assert.rejects(
    downloadFile(url, { retries: -1 }),
    /`retries` must be a whole number of at least 0/,
  );
  await assert.rejects(
    downloadFile(url, { timeoutMs: 0 }),
    /`timeoutMs` must be a number in \(0, 2147483648\)/,
  );
});
