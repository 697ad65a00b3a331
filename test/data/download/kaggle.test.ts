import assert from "node:assert/strict";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
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
  const names = ["KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_CONFIG_DIR"];
  const before = names.map((name) => [name, process.env[name]] as const);
  for (const name of names) delete process.env[name];
  process.env.KAGGLE_CONFIG_DIR = folder;
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

test("the token comes from KAGGLE_API_TOKEN, then user name and key, then the files", async (t) => {
  const folder = await configFolder(t);
  const env = { KAGGLE_CONFIG_DIR: folder };
  assert.equal(await kaggleAuthorization(env), basic);
  await writeFile(path.join(folder, "access_token"), "KGAT_file\n", { mode: 0o600 });
  assert.equal(await kaggleAuthorization(env), "Bearer KGAT_file");
  const named = { ...env, KAGGLE_USERNAME: "bob", KAGGLE_KEY: "b" };
  assert.equal(
    await kaggleAuthorization(named),
    `Basic ${Buffer.from("bob:b").toString("base64")}`,
  );
  assert.equal(
    await kaggleAuthorization({ ...named, KAGGLE_API_TOKEN: "KGAT_env" }),
    "Bearer KGAT_env",
  );
});

test("a missing, half or broken token says what to do", async (t) => {
  const empty = await temporaryFolder(t);
  await assert.rejects(kaggleAuthorization({ KAGGLE_CONFIG_DIR: empty }), /No Kaggle token/);
  await assert.rejects(kaggleAuthorization({ KAGGLE_USERNAME: "ann" }), /KAGGLE_KEY is not set/);
  const file = path.join(empty, "kaggle.json");
  await writeFile(file, "{ s3cret", { mode: 0o600 });
  await assert.rejects(kaggleAuthorization({ KAGGLE_CONFIG_DIR: empty }), /is not valid JSON/);
  await writeFile(file, '{"username":"ann"}');
  await assert.rejects(kaggleAuthorization({ KAGGLE_CONFIG_DIR: empty }), /must hold a "username"/);
});
