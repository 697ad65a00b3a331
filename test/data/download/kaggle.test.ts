import assert from "node:assert/strict";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { DownloadError, kaggle } from "../../../lib/data";
import { kaggleAuthorization } from "../../../lib/data/download/kaggleToken";
import { EnvironmentError } from "../../../lib/errors";
import { listing, temporaryFolder } from "../files";
import { bytes, sendFile, serve } from "./servers";

const content = bytes(100_000);
const basic = `Basic ${Buffer.from("ann:k3y").toString("base64")}`;
const quick = { quiet: true, retryDelayMs: 1, minBytesPerSecond: 0 } as const;

async function configFolder(t: TestContext, mode = 0o600): Promise<string> {
  const folder = path.join(await temporaryFolder(t), "config");
  await mkdir(folder);
  const file = path.join(folder, "kaggle.json");
  await writeFile(file, JSON.stringify({ username: "ann", key: "k3y" }));
  await chmod(file, mode);
  return folder;
}

/** Runs with this user's Kaggle settings only. */
function useConfig(t: TestContext, folder: string): void {
  const names = ["KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_CONFIG_DIR", "HOME"];
  const before = names.map((name) => [name, process.env[name]] as const);
  for (const name of names) delete process.env[name];
  process.env.KAGGLE_CONFIG_DIR = folder;
  process.env.HOME = path.join(folder, "nobody");
  t.after(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
}

test("downloadCompetition sends the token to Kaggle, and not to the store it redirects to", async (t) => {
  const folder = await temporaryFolder(t);
  useConfig(t, await configFolder(t));
  const store = await serve(t, (q, a) => sendFile(q, a, content, { cutAfter: 30_000 }));
  const server = await serve(t, (q, a) => {
    if (q.headers.authorization !== basic) a.writeHead(401).end();
    else a.writeHead(302, { location: `${store.url}/signed?X-Goog-Signature=s` }).end();
  });
  const output = path.join(folder, "dogs-vs-cats.zip");
  await kaggle.downloadCompetition("dogs-vs-cats", { ...quick, output, baseUrl: server.url });
  assert.deepEqual(await readFile(output), content);
  assert.equal(server.requests[0]?.path, "/api/v1/competitions/data/download-all/dogs-vs-cats");
  assert.ok(store.requests.every(({ headers }) => headers.authorization === undefined));
  assert.equal(store.requests.length, 4);
  assert.deepEqual(await listing(folder), ["dogs-vs-cats.zip"]);
});

test("without `output` the file is named after the competition", async (t) => {
  const folder = await temporaryFolder(t);
  useConfig(t, await configFolder(t));
  const server = await serve(t, (q, a) => sendFile(q, a, content));
  const options = { ...quick, output: `${folder}/`, baseUrl: server.url };
  assert.equal(
    await kaggle.downloadCompetition("dogs-vs-cats", options),
    path.join(folder, "dogs-vs-cats.zip"),
  );
  assert.equal(
    await kaggle.downloadCompetition("dogs-vs-cats", { ...options, file: "a/train 1.zip" }),
    path.join(folder, "train 1.zip"),
  );
  assert.match(server.requests[1]!.path, /\/download\/dogs-vs-cats\/a\/train%201\.zip$/);
});

for (const [status, message] of [
  [401, /does not accept your token/],
  [403, /you have not accepted its rules/],
  [404, /knows no competition "dogs-vs-cats"/],
] as const) {
  test(`Kaggle's ${status} is explained`, async (t) => {
    const folder = await temporaryFolder(t);
    useConfig(t, await configFolder(t));
    const server = await serve(t, (_, a) => void a.writeHead(status).end('{"code":1}'));
    await assert.rejects(
      kaggle.downloadCompetition("dogs-vs-cats", {
        ...quick,
        output: `${folder}/`,
        baseUrl: server.url,
      }),
      (error) => {
        assert.ok(error instanceof DownloadError);
        assert.match(error.message, message);
        if (status === 403) assert.ok(error.hint?.includes(`${server.url}/c/dogs-vs-cats/rules`));
        assert.doesNotMatch(JSON.stringify([error, error.message, error.hint]), /k3y|YW5u/);
        return true;
      },
    );
    assert.deepEqual(await listing(folder), []);
  });
}

test("a token file that others can read is refused before anything is sent", async (t) => {
  const folder = await configFolder(t, 0o644);
  useConfig(t, folder);
  const server = await serve(t, (q, a) => sendFile(q, a, content));
  await assert.rejects(
    kaggle.downloadCompetition("dogs-vs-cats", { ...quick, baseUrl: server.url }),
    (error) => {
      assert.ok(error instanceof EnvironmentError);
      assert.match(error.message, /Other users .*kaggle\.json has mode 644, not 600/);
      assert.match(error.hint ?? "", /chmod 600/);
      return true;
    },
  );
  assert.equal(server.requests.length, 0);
});

/** A home with these files in it, each for its owner's eyes only. */
async function homeWith(t: TestContext, files: Record<string, string>): Promise<string> {
  const home = await temporaryFolder(t);
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(home, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text, { mode: 0o600 });
  }
  return home;
}

const asBasic = (pair: string) => `Basic ${Buffer.from(pair).toString("base64")}`;
const keyOf = (username: string, key: string) => JSON.stringify({ username, key });

test("the token comes from where kaggle 2.2.5 has it: variable, token files, name and key", async (t) => {
  const home = await homeWith(t, {
    ".kaggle/access_token": "KGAT_file\n",
    ".kaggle/access_token.txt": "KGAT_text",
    ".kaggle/kaggle.json": keyOf("ann", "k3y"),
    "config/kaggle.json": keyOf("cid", "c"),
    "config/access_token": "KGAT_never",
    secret: "  KGAT_secret \n",
    empty: "\n",
  });
  const named = { KAGGLE_USERNAME: "bob", KAGGLE_KEY: "b" };
  const env = { ...named, KAGGLE_CONFIG_DIR: path.join(home, "config") };
  const found = (more: object = {}) => kaggleAuthorization({ ...env, ...more }, home);

  assert.equal(await found({ KAGGLE_API_TOKEN: "KGAT_env" }), "Bearer KGAT_env");
  const secret = path.join(home, "secret");
  await chmod(secret, 0o444); // as containers lend secrets
  assert.equal(await found({ KAGGLE_API_TOKEN: secret }), "Bearer KGAT_secret");
  // kaggle goes on to name and key then, past the token files.
  const empty = path.join(home, "empty");
  assert.equal(await found({ KAGGLE_API_TOKEN: empty }), asBasic("bob:b"));

  assert.equal(await found(), "Bearer KGAT_file");
  await writeFile(path.join(home, ".kaggle/access_token"), "");
  assert.equal(await found(), "Bearer KGAT_text");
  await rm(path.join(home, ".kaggle/access_token.txt"));
  assert.equal(await found(), asBasic("bob:b"));
  assert.equal(await found({ KAGGLE_KEY: undefined }), asBasic("bob:c"));
  assert.equal(await found({ KAGGLE_USERNAME: "" }), asBasic("cid:b"));
  const config = { KAGGLE_CONFIG_DIR: undefined, KAGGLE_USERNAME: undefined };
  assert.equal(await found({ ...config, KAGGLE_KEY: undefined }), asBasic("ann:k3y"));
});

test("without ~/.kaggle, kaggle.json lies in XDG_CONFIG_HOME or ~/.config on Linux", {
  skip: process.platform !== "linux" && "kaggle looks there on Linux only",
}, async (t) => {
  const home = await homeWith(t, {
    ".config/kaggle/kaggle.json": keyOf("ann", "k3y"),
    "xdg/kaggle/kaggle.json": keyOf("eve", "e"),
  });
  assert.equal(await kaggleAuthorization({}, home), basic);
  const env = { XDG_CONFIG_HOME: path.join(home, "xdg") };
  assert.equal(await kaggleAuthorization(env, home), asBasic("eve:e"));
  await mkdir(path.join(home, ".kaggle"));
  await assert.rejects(kaggleAuthorization(env, home), /No Kaggle token: .*\.kaggle\/kaggle\.json/);
});

test("a missing, half or broken token says what to do", async (t) => {
  const home = await homeWith(t, { ".kaggle/kaggle.json": "{ s3cret" });
  const file = path.join(home, ".kaggle/kaggle.json");
  await assert.rejects(kaggleAuthorization({}, home), /is not valid JSON/);
  await writeFile(file, '{"username":"ann"}');
  await assert.rejects(kaggleAuthorization({}, home), /must hold a "username"/);
  await rm(file);
  await assert.rejects(kaggleAuthorization({}, home), /No Kaggle token/);
  const half = { KAGGLE_USERNAME: "ann" };
  await assert.rejects(kaggleAuthorization(half, home), /KAGGLE_KEY is not set/);
  await writeFile(path.join(home, ".kaggle/access_token"), "two words", { mode: 0o600 });
  await assert.rejects(kaggleAuthorization({}, home), /access_token does not hold a token/);
  const folder = { KAGGLE_API_TOKEN: home };
  await assert.rejects(kaggleAuthorization(folder, home), /cannot be read/);
});
