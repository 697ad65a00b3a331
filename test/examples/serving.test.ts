/** The example of a server, asked as clients ask it, and the page for a browser. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import sharp from "sharp";
import { classify, layers, loadModel, saveModel, setSeed, tf } from "../../lib/index";
import { serveFiles } from "../support/files";
import { findBrowser, openBrowser } from "../support/jupyterLab";
import { repositoryRoot } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";

const folder = temporaryFolder();
const classNames = ["autumn", "winter"];
const model = folder.join("seasons.keras");
const pictures = folder.join("pictures");
after(() => folder[Symbol.dispose]());

before(async () => {
  setSeed(1);
  const made = tf.sequential({
    layers: [
      layers.randomFlip({ mode: "horizontal", inputShape: [24, 32, 3] }),
      layers.rescaling({ scale: 1 / 255 }),
      tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: "relu" }),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: 2, activation: "softmax" }),
    ],
  });
  await saveModel(made, model);
  await saveModel(made, folder.join("site/model/model.json"));
  made.dispose();
  fs.mkdirSync(pictures);
  for (let i = 0; i < 12; i++) {
    const background = { r: 20 * i, g: 250 - 20 * i, b: 10 * i };
    const create = { width: 64, height: 48, channels: 3 as const, background };
    const noise = { type: "gaussian" as const, mean: 128, sigma: 40 };
    const [plain, spotted] = [sharp({ create }), sharp({ create: { ...create, noise } })];
    await (i % 2 === 0 ? plain : spotted).png().toFile(path.join(pictures, `${i}.png`));
  }
});

interface Answer {
  status: number;
  body: { className?: string; probability?: number; error?: string };
  retryAfter: string | null;
}

describe("the server", () => {
  let server: ChildProcess;
  let url: string;

  before(async () => {
    const program = path.join(repositoryRoot, ".build/examples/server.js");
    server = spawn(process.execPath, [program, model, classNames.join(","), "0"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(server.stdout!, "data")) as [Buffer];
    url = /^Listening on (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(String(line))![1]!;
  });

  after(() => {
    server.kill("SIGKILL");
  });

  async function post(body: Uint8Array | string, to = "/classify"): Promise<Answer> {
    const response = await fetch(`${url}${to}`, { method: "POST", body });
    const { status, headers } = response;
    return {
      status,
      body: (await response.json()) as never,
      retryAfter: headers.get("retry-after"),
    };
  }

  const files = () => fs.readdirSync(pictures).map((name) => path.join(pictures, name));

  it("says of each picture what the model says, also of many at once", async () => {
    const loaded = await loadModel(model);
    const expected = await classify(loaded, files(), { classNames });
    loaded.dispose();
    const answers = await Promise.all(files().map((file) => post(fs.readFileSync(file))));
    for (const [i, { status, body }] of answers.entries()) {
      assert.equal(status, 200);
      assert.equal(body.className, expected[i]!.className);
      assert.ok(Math.abs(body.probability! - expected[i]!.probability) < 1e-5);
    }
  });

  it("refuses in one sentence what is no picture, too large, or elsewhere", async () => {
    const cases: [number, RegExp, Promise<Answer>][] = [
      [415, /must be a picture/, post("no picture")],
      [415, /must be a picture/, post(fs.readFileSync(files()[0]!).subarray(0, 60))],
      [400, /must have a picture as its body/, post("")],
      [413, /10 MiB at most/, post(new Uint8Array(11 * 2 ** 20))],
      [404, /Send a picture to \/classify/, post("x", "/elsewhere")],
    ];
    for (const [expected, message, asked] of cases) {
      const { status, body } = await asked;
      assert.equal(status, expected);
      assert.match(body.error!, message);
    }
    assert.equal((await fetch(`${url}/classify`)).status, 405);
  });

  it("sends away who comes when too many are there, and serves on when they are gone", async () => {
    const open: http.ClientRequest[] = [];
    const hold = () => {
      const request = http.request(`${url}/classify`, { method: "POST", agent: false });
      request.on("error", () => {}); // they are cut off below
      request.flushHeaders();
      open.push(request);
    };
    for (let i = 0; i < 128; i++) hold();
    const picture = fs.readFileSync(files()[0]!);
    try {
      await until(async () => {
        // One that comes while a picture is answered is sent away itself.
        hold();
        await delay(100);
        return (await post(picture)).status === 503;
      });
      const { status, body, retryAfter } = await post(picture);
      assert.deepEqual([status, retryAfter], [503, "1"]);
      assert.match(body.error!, /come again/);
    } finally {
      for (const request of open) request.destroy();
    }
    await until(async () => (await post(picture)).status === 200);
  });

  it("answers what it was asked before it ends", async () => {
    const picture = fs.readFileSync(files()[0]!);
    const request = http.request(`${url}/classify`, { method: "POST", agent: false });
    const answered = once(request, "response") as Promise<[http.IncomingMessage]>;
    request.write(picture.subarray(0, 40));
    // One that came later is answered, so the server has the first.
    assert.equal((await post(picture)).status, 200);
    server.kill("SIGTERM");
    await until(() =>
      post(picture).then(
        () => false,
        () => true,
      ),
    );
    request.end(picture.subarray(40));
    const [response] = await answered;
    assert.equal(response.statusCode, 200);
    response.resume();
    assert.deepEqual(await once(server, "exit"), [0, null]);
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await holds()) return;
    await delay(50);
  }
  assert.fail("it never came to that");
}

const browserPath = findBrowser();

describe("the page", { skip: browserPath ? false : "no Chromium on this machine" }, () => {
  it("says of a picture what the library says", async () => {
    const script = path.join(repositoryRoot, "node_modules/@tensorflow/tfjs/dist/tf.min.js");
    const page = path.join(repositoryRoot, "examples/browser.html");
    const site = await serveFiles(folder.join("site"), { "tf.min.js": script, "index.html": page });
    const browser = await openBrowser(browserPath!);
    const loaded = await loadModel(model);
    try {
      const tab = await browser.newPage();
      for (const name of ["0.png", "7.png"]) {
        const file = path.join(pictures, name);
        const { className, probability } = await classify(loaded, file, { classNames });
        await tab.goto(`${site.url}/index.html?classes=${classNames.join(",")}`);
        await tab.getByText("Choose a picture.").waitFor();
        await tab.locator("input").setInputFiles(file);
        const said = new RegExp(`^${className}: ([\\d.]+) %$`);
        const text = await tab.getByText(said).textContent();
        const percent = Number(said.exec(text!)![1]);
        assert.ok(Math.abs(percent - 100 * probability) < 0.1, `${text}, not ${probability}`);
      }
    } finally {
      loaded.dispose();
      await browser.close();
      await site.close();
    }
  });
});
