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

test("a link's resource key is passed on, to Drive's own pages too, and to nobody else", async (t) => {
  const folder = await temporaryFolder(t);
  const server = await serve(t, (q, a) => {
    const url = new URL(q.url ?? "", "http://drive");
    if (url.searchParams.get("resourcekey") !== "0-abc_D") a.writeHead(404).end();
    else if (url.pathname === "/download") sendFile(q, a, content);
    else a.writeHead(200, { "content-type": "text/html" }).end(CONFIRM_PAGE);
  });
  const output = path.join(folder, "f.bin");
  const link = `${server.url}/file/d/${id}/view?usp=sharing&resourcekey=0-abc_D`;
  await gdown.download({ ...quick, url: link, output, baseUrl: server.url });
  assert.deepEqual(await readFile(output), content);
  assert.ok(server.requests.every(({ headers }) => headers["accept-language"] === "en"));
});

for (const [language, title, caption] of [
  [
    "Korean",
    "Google Drive - 할당량 초과",
    "죄송합니다. 현재 이 파일을 보거나 다운로드할 수 없습니다.",
  ],
  [
    "Japanese",
    "Google ドライブ - 割り当て超過",
    "現在、このファイルを表示またはダウンロードできません。",
  ],
  [
    "German",
    "Google Drive – Kontingent überschritten",
    "Sie können diese Datei derzeit nicht ansehen.",
  ],
  [
    "Spanish",
    "Google Drive: Cuota superada",
    "No puedes ver ni descargar este archivo ahora mismo.",
  ],
  [
    "French",
    "Google Drive – Quota dépassé",
    "Vous ne pouvez pas afficher ce fichier pour le moment.",
  ],
  ["Chinese", "Google 云端硬盘 - 超出配额", "抱歉，您目前无法查看或下载此文件。"],
] as const) {
  test(`the quota page in ${language} is known`, async (t) => {
    const folder = await temporaryFolder(t);
    const page = `<!DOCTYPE html><title>${title}</title><p class="uc-error-caption">${caption}</p>`;
    const server = await serve(t, (_, a) => {
      a.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);
    });
    const output = path.join(folder, "f.zip");
    await assert.rejects(
      gdown.download({ ...quick, id, output, baseUrl: server.url }),
      /download quota .* is exceeded/,
    );
  });
}

test("what Drive says of a file that it doesn't give is told in its own words", async (t) => {
  const folder = await temporaryFolder(t);
  const page = `<!DOCTYPE html><title>Google Drive</title>
    <p class="uc-error-caption">Ffeil wedi'i heintio.</p><p class="uc-error-subcaption">Perchennog yn unig.</p>`;
  const server = await serve(t, (_, a) => {
    a.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);
  });
  await assert.rejects(
    gdown.download({ ...quick, id, output: path.join(folder, "f"), baseUrl: server.url }),
    (error) => {
      assert.ok(error instanceof DownloadError);
      assert.match(
        error.message,
        /does not give .*: "Ffeil wedi'i heintio\. Perchennog yn unig\."/,
      );
      assert.match(error.hint!, /too many people/);
      return true;
    },
  );
});

test("a base address takes no user name, and shows no password", async () => {
  const baseUrl = "http://me:secret@127.0.0.1:1/";
  await assert.rejects(gdown.download({ id, baseUrl }), (error: Error) => {
    assert.match(error.message, /`baseUrl` must be an address without a user name/);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
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
