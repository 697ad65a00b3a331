/** How a server of this library bears a load: examples/server.ts and clients that ask without a pause. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs/promises";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { layers, saveModel, setSeed, tf } from "../../lib/index";
import { picturesFolder, root } from "./folders";
import { preparePictures } from "./pictures";
import type { Row } from "./report";

const CLIENTS = [1, 8, 64];
/** Requests of one run; enough for each client to ask several times. */
const REQUESTS = 256;

/** Times whole loads, in turns: a request's share of the time, and how long a client waits for its answer. */
export async function httpTimes(repeats: number): Promise<Row> {
  await preparePictures();
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "convnets-http-"));
  const loads = CLIENTS.map((clients) => ({
    clients,
    shares: [] as number[],
    waits: [] as number[],
  }));
  try {
    const { server, url } = await startServer(path.join(folder, "model.keras"));
    try {
      const pictures = await somePictures();
      for (let round = 0; round <= repeats; round++) {
        for (const { clients, shares, waits } of loads) {
          const { share, wait } = await load(url, pictures, clients);
          if (round === 0) continue;
          shares.push(share);
          waits.push(wait);
        }
      }
    } finally {
      server.kill();
    }
  } finally {
    await fs.rm(folder, { recursive: true });
  }
  const named = (clients: number, what: string) =>
    `${clients} ${clients === 1 ? "client" : "clients"}, ${what}`;
  return {
    name: "serving-http",
    title:
      "examples/server.ts, 180×180 convnet, JPEG files: one answer's share, and the median wait for it",
    unit: "ms",
    results: [
      ...loads.map(({ clients, shares }) => ({ label: named(clients, "share"), values: shares })),
      ...loads.map(({ clients, waits }) => ({ label: named(clients, "wait"), values: waits })),
    ],
  };
}

async function startServer(file: string): Promise<{ server: ChildProcess; url: string }> {
  setSeed(1);
  const convolutions = [32, 64, 128, 256, 256].flatMap((filters, i) => [
    ...(i > 0 ? [tf.layers.maxPooling2d({ poolSize: 2 })] : []),
    tf.layers.conv2d({ filters, kernelSize: 3, activation: "relu" }),
  ]);
  const model = tf.sequential({
    layers: [
      layers.rescaling({ scale: 1 / 255, inputShape: [180, 180, 3] }),
      ...convolutions,
      tf.layers.flatten(),
      tf.layers.dense({ units: 2, activation: "softmax" }),
    ],
  });
  await saveModel(model, file);
  model.dispose();
  const program = path.join(root, ".build/examples/server.js");
  const server = spawn(process.execPath, [program, file, "cat,dog", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(server.stdout!, "data")) as [Buffer];
  return { server, url: `${/http:\S+/.exec(String(line))![0]}/classify` };
}

async function somePictures(): Promise<Buffer[]> {
  const folder = path.join(picturesFolder, "cat");
  const names = (await fs.readdir(folder)).sort().slice(0, 32);
  return Promise.all(names.map((name) => fs.readFile(path.join(folder, name))));
}

async function load(url: string, pictures: Buffer[], clients: number) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: clients });
  const waits: number[] = [];
  let asked = 0;
  const start = performance.now();
  const client = async () => {
    while (asked < REQUESTS) {
      const picture = pictures[asked++ % pictures.length]!;
      const sent = performance.now();
      await post(url, { picture, agent });
      waits.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const share = (performance.now() - start) / REQUESTS;
  agent.destroy();
  waits.sort((a, b) => a - b);
  return { share, wait: waits[Math.floor(waits.length / 2)]! };
}

function post(url: string, { picture, agent }: { picture: Buffer; agent: http.Agent }) {
  return new Promise<void>((resolve, reject) => {
    const request = http.request(url, { method: "POST", agent }, (response) => {
      response.resume();
      response.once("end", () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`the server answers ${response.statusCode}`));
      });
    });
    request.once("error", reject);
    request.end(picture);
  });
}
