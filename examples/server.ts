/** Says over HTTP what a model takes pictures for: `server.js MODEL CLASS,CLASS… [PORT]`. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Classification, classify, DataFileError, loadImage, loadModel, tf } from "convnets";

/** Pictures of one prediction. */
const MOST_TOGETHER = 32;
/** How long a picture waits for others. */
const MOST_WAIT_MS = 5;
/** Requests that are being read, decoded or predicted; beyond that they are sent away. */
const MOST_OPEN = 128;
const TIMEOUTS = { headersTimeout: 5000, requestTimeout: 10_000, connectionsCheckingInterval: 500 };
const MOST_BYTES = 10 * 2 ** 20;
const MOST_PIXELS = 5e7;

/** An answer other than a class. */
class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

interface Waiting {
  picture: tf.Tensor4D;
  resolve(answer: Classification): void;
  reject(error: unknown): void;
}

/** Predicts pictures in groups, in the order in which they came. */
class Classifier {
  private readonly waiting: Waiting[] = [];
  private isRunning = false;

  constructor(
    private readonly model: tf.LayersModel,
    private readonly classNames: string[],
  ) {}

  /** What the model takes a picture for; the picture is disposed. */
  ask(picture: tf.Tensor4D): Promise<Classification> {
    const answer = new Promise<Classification>((resolve, reject) => {
      this.waiting.push({ picture, resolve, reject });
    });
    if (!this.isRunning) void this.run();
    return answer;
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    while (this.waiting.length > 0) {
      if (this.waiting.length < MOST_TOGETHER) await delay(MOST_WAIT_MS);
      const group = this.waiting.splice(0, MOST_TOGETHER);
      const x = tf.concat(group.map(({ picture }) => picture));
      try {
        const { model, classNames } = this;
        const answers = await classify(model, x, { classNames, batchSize: MOST_TOGETHER });
        for (const [i, { resolve }] of group.entries()) resolve(answers[i]!);
      } catch (error) {
        for (const { reject } of group) reject(error);
      } finally {
        tf.dispose([x, ...group.map(({ picture }) => picture)]);
      }
    }
    this.isRunning = false;
  }
}

/** The bytes of a request, as long as they are not too many. */
async function bodyOf(request: http.IncomingMessage): Promise<Buffer> {
  const tooLarge = new Refusal(413, `A picture may have ${MOST_BYTES / 2 ** 20} MiB at most.`);
  if (Number(request.headers["content-length"]) > MOST_BYTES) throw tooLarge;
  const chunks: Buffer[] = [];
  let length = 0;
  // What is left of a body too large is not kept, and the client gets its answer.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += (chunk as Buffer).length;
    if (length > MOST_BYTES) throw tooLarge;
    chunks.push(chunk as Buffer);
  }
  if (length === 0) throw new Refusal(400, "The request must have a picture as its body.");
  return Buffer.concat(chunks);
}

async function pictureIn(bytes: Buffer, size: [number, number]): Promise<tf.Tensor4D> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "picture-"));
  try {
    const file = path.join(folder, "picture");
    await writeFile(file, bytes);
    return await loadImage(file, { size, exifOrientation: true, maxPixels: MOST_PIXELS });
  } catch (error) {
    if (!(error instanceof DataFileError)) throw error;
    throw new Refusal(415, "The body must be a picture: JPEG, PNG, GIF, BMP, WebP, AVIF or TIFF.");
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function main(file = "", names = "", port = "8080"): Promise<void> {
  const model = await loadModel(file, { compile: false });
  const [, height, width] = model.inputs[0]!.shape as number[];
  const classifier = new Classifier(model, names.split(","));
  // The first prediction compiles the model; nobody shall wait for it.
  await classifier.ask(tf.zeros([1, height!, width!, 3]));
  let open = 0;

  async function answer(request: http.IncomingMessage): Promise<Classification> {
    if (request.url !== "/classify") throw new Refusal(404, "Send a picture to /classify.");
    if (request.method !== "POST") throw new Refusal(405, "Send the picture by POST.");
    if (open > MOST_OPEN) throw new Refusal(503, "Too many requests at once: come again.");
    return classifier.ask(await pictureIn(await bodyOf(request), [height!, width!]));
  }

  const server = http.createServer(TIMEOUTS, async (request, response) => {
    open++;
    const send = (status: number, body: object) => {
      if (status === 503) response.setHeader("Retry-After", 1);
      if (!server.listening) response.setHeader("Connection", "close");
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(JSON.stringify(body));
    };
    try {
      send(200, await answer(request));
    } catch (error) {
      if (error instanceof Refusal) send(error.status, { error: error.message });
      else if (!response.destroyed) {
        console.error(error);
        send(500, { error: "The picture could not be classified." });
      }
    } finally {
      open--;
    }
  });
  server.listen(Number(port), "127.0.0.1", () => {
    console.log(`Listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  // What has been asked is answered; then nothing keeps the process.
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => server.close());
}

main(...process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
