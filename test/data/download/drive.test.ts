import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import { test } from "node:test";
import { DownloadError, gdown } from "../../../lib/data";
import { listing, printed, temporaryFolder } from "../files";
import { bytes, type FileBehaviour, sendFile, serve, sha256 } from "./servers";

const content = bytes(300_000);
const id = "18uC7WTuEXKJDDxbj";
const quick = { quiet: true, retryDelayMs: 1, minBytesPerSecond: 0 } as const;

const CONFIRM_PAGE = `<!DOCTYPE html><html><head><title>Google Drive - Virus scan warning</title></head><body>
<p class="uc-warning-caption">Google Drive can't scan this file for viruses.</p>
<form id="download-form" action="/download" method="get"><input type="submit" value="Download anyway"/>
<input type="hidden" name="id" value="${id}"><input type="hidden" name="export" value="download">
<input type="hidden" name="confirm" value="t"><input type="hidden" name="uuid" value="a&amp;b-1"></form></body></html>`;

const QUOTA_PAGE = `<!DOCTYPE html><html><head><title>Google Drive - Quota exceeded</title></head><body>
<p class="uc-error-caption">Sorry, you can't view or download this file at this time.</p></body></html>`;

/** Large files as Drive gives them: a page with a cookie first, then the file to those who confirm with both. */
function actLikeDrive(behaviour: FileBehaviour = {}) {
  return (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "", "http://drive");
    const isConfirmed =
      url.pathname === "/download" &&
      url.searchParams.get("confirm") === "t" &&
      url.searchParams.get("uuid") === "a&b-1" &&
      request.headers.cookie === "NID=7";
    if (url.searchParams.get("id") !== id) response.writeHead(404).end();
    else if (!isConfirmed) {
      response.setHeader("set-cookie", "NID=7; Path=/; HttpOnly");
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(CONFIRM_PAGE);
    } else {
      const headers = { "content-disposition": 'attachment; filename="dogs-vs-cats.zip"' };
      sendFile(request, response, content, { headers, ...behaviour });
    }
  };
}

test("gdown.download confirms the warning page with its form and cookie", async (t) => {
  const folder = await temporaryFolder(t);
  const server = await serve(t, actLikeDrive());
  const text = await printed(async () => {
    const saved = await gdown.download({
      id,
      output: `${folder}/`,
      baseUrl: server.url,
      sha256: sha256(content),
    });
    assert.equal(saved, path.join(folder, "dogs-vs-cats.zip"));
  });
  assert.match(
    text,
    new RegExp(`From: ${server.url}/uc\\?id=${id}\nTo:   ${folder}/dogs-vs-cats.zip\n`),
  );
  assert.deepEqual(await readFile(path.join(folder, "dogs-vs-cats.zip")), content);
  assert.deepEqual(await listing(folder), ["dogs-vs-cats.zip"]);
});

test("gdown.download goes through the page again after every cut, and asks for the rest only", async (t) => {
  const folder = await temporaryFolder(t);
  const server = await serve(t, actLikeDrive({ cutAfter: 30_000 }));
  await gdown.download({ ...quick, id, output: `${folder}/`, baseUrl: server.url, retries: 1 });
  assert.deepEqual(await readFile(path.join(folder, "dogs-vs-cats.zip")), content);
  assert.deepEqual(
    server.requests.filter(({ path }) => path.startsWith("/download")).map((r) => r.headers.range),
    [undefined, ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => `bytes=${i * 30_000}-`)],
  );
  assert.deepEqual(await listing(folder), ["dogs-vs-cats.zip"]);
});

test("gdown.download continues a part whose name only the server knows", async (t) => {
  const folder = await temporaryFolder(t);
  const behaviour: FileBehaviour = { cutAfter: 100_000 };
  const server = await serve(t, actLikeDrive(behaviour));
  const options = { ...quick, id, output: `${folder}/`, baseUrl: server.url };
  await assert.rejects(gdown.download({ ...options, retries: 0 }), DownloadError);
  assert.deepEqual(await listing(folder), ["dogs-vs-cats.zip.part", "dogs-vs-cats.zip.part.json"]);
  behaviour.cutAfter = undefined;
  await gdown.download(options);
  assert.equal(server.requests.at(-1)?.headers.range, "bytes=100000-");
  assert.deepEqual(await readFile(path.join(folder, "dogs-vs-cats.zip")), content);
});

test("gdown.download understands links, the older page, and small files that come at once", async (t) => {
  const folder = await temporaryFolder(t);
  const server = await serve(t, (q, a) => {
    const url = new URL(q.url ?? "", "http://drive");
    if (url.searchParams.get("id") === "old" && url.searchParams.get("confirm") !== "x1") {
      a.setHeader("content-type", "text/html");
      a.end('<a id="uc-download-link" href="/uc?export=download&amp;confirm=x1&amp;id=old">go</a>');
    } else sendFile(q, a, content);
  });
  for (const url of ["/file/d/small/view?usp=sharing", "/open?id=small", "/uc?id=old"]) {
    const output = path.join(folder, "f.bin");
    await gdown.download({
      ...quick,
      url: server.url + url,
      output,
      baseUrl: server.url,
      resume: false,
    });
    assert.deepEqual(await readFile(output), content);
  }
});

for (const [what, answer, message] of [
  ["the quota page", QUOTA_PAGE, /download quota .* is exceeded/],
  [
    "an unknown page",
    "<title>Google Drive: Access Denied</title>",
    /web page in place of the file \("Google Drive: Access Denied"\)/,
  ],
  ["a page that asks for ever", CONFIRM_PAGE, /asks for confirmation again and again/],
  ["an empty page", "", /web page in place of the file/],
] as const) {
  test(`${what} is a clear error, and nothing is saved`, async (t) => {
    const folder = await temporaryFolder(t);
    const server = await serve(t, (_, a) => {
      a.setHeader("content-type", "text/html");
      a.end(answer);
    });
    const output = path.join(folder, "f.zip");
    await assert.rejects(gdown.download({ ...quick, id, output, baseUrl: server.url }), message);
    assert.deepEqual(await listing(folder), []);
  });
}

test("a private file's redirect to the sign-in page is an error", async (t) => {
  const folder = await temporaryFolder(t);
  const server = await serve(t, (_, a) => {
    a.writeHead(302, { location: "https://accounts.google.com/v3/signin/identifier" }).end();
  });
  await assert.rejects(
    gdown.download({ ...quick, id, output: `${folder}/f`, baseUrl: server.url }),
    /asks to sign in/,
  );
  assert.deepEqual(await listing(folder), []);
});

test("gdown.download wants exactly one of `id` and `url`", async () => {
  await assert.rejects(gdown.download({}), /either `id` or `url`/);
  await assert.rejects(gdown.download({ id: "a", url: "b" }), /either `id` or `url`/);
  await assert.rejects(gdown.download({ id: "../x" }), /`id` must be letters, digits/);
  await assert.rejects(
    gdown.download({ url: "https://drive.google.com/drive/folders" }),
    /`url` must be a link to one file/,
  );
});
