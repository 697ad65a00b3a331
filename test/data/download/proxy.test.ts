import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { listing, temporaryFolder } from "../files";
import { bytes, sendFile, serve } from "./servers";

const content = bytes(10_000);
const library = path.resolve(__dirname, "../../../lib/data/download");

/** Runs a script in a process of its own, as the proxy's settings are read from the environment. */
async function run(script: string, env: Record<string, string>) {
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], {
    env: { PATH: process.env.PATH, ...env },
  });
  return stdout.trim();
}

function downloadWith(env: Record<string, string>, url: string, output: string) {
  const script = `require(${JSON.stringify(library)})
    .downloadFile(${JSON.stringify(url)}, { output: ${JSON.stringify(output)}, quiet: true, retries: 0 })
    .then(() => console.log("saved"), (error) => console.log(error.message));`;
  return run(script, env);
}

function askWith(env: Record<string, string>, baseUrl: string) {
  const script = `require(${JSON.stringify(library)})
    .whyDriveUnreachable("a-file", { baseUrl: ${JSON.stringify(baseUrl)} })
    .then((why) => console.log(why ?? "reached"));`;
  return run(script, env);
}

test("downloads go through HTTP_PROXY, but not for NO_PROXY or this machine", async (t) => {
  const folder = await temporaryFolder(t);
  const proxy = await serve(t, (q, a) => sendFile(q, a, content));
  const direct = await serve(t, (q, a) => sendFile(q, a, content));
  const env = { HTTP_PROXY: proxy.url };

  const asked = "http://files.invalid/photos.zip";
  assert.equal(await downloadWith(env, asked, path.join(folder, "a")), "saved");
  assert.deepEqual(
    proxy.requests.map(({ path }) => path),
    [asked],
  );
  const without = { ...env, NO_PROXY: ".invalid" };
  assert.match(await downloadWith(without, asked, path.join(folder, "b")), /cannot be reached/);
  assert.equal(await downloadWith(env, direct.url, path.join(folder, "c")), "saved");
  assert.equal(proxy.requests.length, 1);
  assert.deepEqual(await listing(folder), ["a", "c"]);
});

test("whether Google Drive can be reached is asked through the proxy too", async (t) => {
  const proxy = await serve(t, (q, a) => sendFile(q, a, content));
  const closed = await serve(t, (_q, a) => a.writeHead(403).end());
  const drive = "http://drive.invalid";

  assert.equal(await askWith({ HTTP_PROXY: proxy.url }, drive), "reached");
  assert.deepEqual(
    proxy.requests.map(({ path }) => path),
    ["http://drive.invalid/uc?export=download&id=a-file"],
  );
  assert.equal(await askWith({ HTTP_PROXY: closed.url }, drive), "it answered 403");
  assert.match(await askWith({}, drive), /^E[A-Z_]+$/);
});
