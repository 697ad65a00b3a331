import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { listing, temporaryFolder } from "../files";
import { bytes, sendFile, serve } from "./servers";

const content = bytes(10_000);
const library = path.resolve(__dirname, "../../../lib/data");

/** Downloads in a process of its own, as the proxy's settings are read from the environment. */
async function downloadWith(env: Record<string, string>, url: string, output: string) {
  const script = `require(${JSON.stringify(library)})
    .downloadFile(${JSON.stringify(url)}, { output: ${JSON.stringify(output)}, quiet: true, retries: 0 })
    .then(() => console.log("saved"), (error) => console.log(error.message));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], {
    env: { PATH: process.env.PATH, ...env },
  });
  return stdout.trim();
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
