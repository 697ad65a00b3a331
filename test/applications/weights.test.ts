/** Where weights come from, and what is said about them. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { after, afterEach, before, test } from "node:test";
import { kerasFile } from "../../lib/applications/kerasFiles";
import { applications, tf } from "../../lib/index";
import { sendFile, serve } from "../data/download/servers";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";

const { vgg16, mobileNetV2, weightsOf } = applications;
const { KERAS_HOME } = process.env;
const folder = temporaryFolder();
const name = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_96_no_top.h5";
let bytes: Buffer;

/** The smallest of Keras' files, with random numbers in it. */
const program = `
import sys, h5py, keras
from keras.src.legacy.saving import legacy_h5_format
model = keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(96, 96, 3), alpha=0.35)
with h5py.File(sys.argv[1], "w") as file:
    legacy_h5_format.save_weights_to_hdf5_group(file, model)
`;

const small = {
  alpha: 0.35,
  includeTop: false,
  inputShape: [96, 96, 3] as [number, number, number],
};

/** Nobody listens there. */
const nowhere = "http://127.0.0.1:9/";

before(async () => {
  await runPython(program, [folder.join(name)]);
  bytes = fs.readFileSync(folder.join(name));
});

afterEach(() => {
  if (KERAS_HOME === undefined) delete process.env.KERAS_HOME;
  else process.env.KERAS_HOME = KERAS_HOME;
});

after(() => folder[Symbol.dispose]());

/** An empty folder as Keras' own. */
function kerasHome() {
  const home = temporaryFolder();
  process.env.KERAS_HOME = home.path;
  return home;
}

const md5 = (content: Buffer) => createHash("md5").update(content).digest("hex");

test("mobileNetV2() takes a file that Keras has downloaded before", async () => {
  using home = kerasHome();
  fs.mkdirSync(home.join("models"));
  fs.writeFileSync(home.join("models", name), bytes);
  const tensors = tf.memory().numTensors;
  const model = await mobileNetV2({ ...small, baseUrl: nowhere });
  const { name: kind, source, why } = weightsOf(model);
  assert.deepEqual([kind, source], ["imagenet", home.join("models", name)]);
  assert.equal(why, "found in Keras' folder of models");
  model.dispose();
  assert.equal(tf.memory().numTensors, tensors);
});

test("mobileNetV2() downloads to where Keras looks", async (t) => {
  using home = kerasHome();
  const server = await serve(t, (request, response) => sendFile(request, response, bytes));
  const options = { ...small, baseUrl: server.url, verbose: 0 } as const;
  const model = await mobileNetV2(options);
  assert.equal(server.requests[0]!.path, `/mobilenet_v2/${name}`);
  assert.equal(weightsOf(model).why, "downloaded");
  assert.deepEqual(fs.readdirSync(home.join("models")), [name]);
  assert.deepEqual(fs.readFileSync(home.join("models", name)), bytes);
  const again = await mobileNetV2(options);
  assert.equal(server.requests.length, 1);
  const [one, other] = [model, again].map((each) => each.getWeights()[0]!.dataSync());
  assert.deepEqual(one, other);
  model.dispose();
  again.dispose();
});

test("a download that is cut goes on", async (t) => {
  using home = kerasHome();
  let cuts = 2;
  const server = await serve(t, (request, response) => {
    sendFile(request, response, bytes, cuts-- > 0 ? { cutAfter: 500_000 } : {});
  });
  const file = { folder: "x", name, hash: md5(bytes) };
  const found = await kerasFile(file, { baseUrl: server.url, verbose: 0 });
  assert.deepEqual(fs.readFileSync(found.path), bytes);
  assert.equal(server.requests.length, 3);
  assert.deepEqual(fs.readdirSync(home.join("models")), [name]);
});

test("a file with a wrong checksum is never saved, nor used when it is there", async (t) => {
  using home = kerasHome();
  const server = await serve(t, (request, response) => sendFile(request, response, bytes));
  const tensors = tf.memory().numTensors;
  const options = { includeTop: false, baseUrl: server.url, verbose: 0 } as const;
  await assert.rejects(vgg16(options), /vgg16_weights_.*_notop\.h5 can't be downloaded/);
  assert.equal(
    server.requests[0]!.path,
    "/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
  );
  assert.deepEqual(fs.readdirSync(home.join("models")), []);
  assert.equal(tf.memory().numTensors, tensors);

  const file = { folder: "x", name, hash: md5(bytes) };
  fs.writeFileSync(home.join("models", name), "another file");
  const found = await kerasFile(file, { baseUrl: server.url, verbose: 0 });
  assert.equal(found.downloaded, true);
  assert.deepEqual(fs.readFileSync(found.path), bytes);
  await kerasFile(file, { baseUrl: nowhere, verbose: 0 });
});

test("a file whose layers are others leaves nothing behind", async () => {
  using home = kerasHome();
  fs.mkdirSync(home.join("models"));
  const wide = name.replace("0.35", "0.5");
  fs.writeFileSync(home.join("models", wide), bytes);
  const tensors = tf.memory().numTensors;
  await assert.rejects(mobileNetV2({ ...small, alpha: 0.5 }), /where the model has/);
  assert.equal(tf.memory().numTensors, tensors);
});

test("an interrupt stops the download, and `auto` takes it for no lack of a network", async (t) => {
  using home = kerasHome();
  const server = await serve(t, (_, response) => {
    response.writeHead(200, { "content-length": bytes.length, etag: '"1"' });
    response.write(bytes.subarray(0, 100_000), () => process.emit("SIGINT"));
  });
  const options = { ...small, alpha: 1, weights: "auto", baseUrl: server.url, verbose: 0 } as const;
  await assert.rejects(mobileNetV2(options), /The download of mobilenet_v2_.* was interrupted/);
  assert.equal(server.requests.length, 1);
  const names = fs.readdirSync(home.join("models"));
  assert.ok(
    names.every((each) => each.endsWith(".part")),
    `${names}`,
  );
});

test("without a network, ImageNet's weights end in an error within seconds that says what to do", async () => {
  using home = kerasHome();
  const start = performance.now();
  const problem = await vgg16({ baseUrl: nowhere }).catch((error) => error);
  assert.ok(performance.now() - start < 5000);
  assert.match(
    problem.message,
    /^vgg16_weights_tf_dim_ordering_tf_kernels\.h5 can't be downloaded/,
  );
  assert.equal(problem.hint, `Put the file into ${home.join("models")}, or get it once by Keras.`);
});

test("a server that never answers counts as no network", { timeout: 20_000 }, async (t) => {
  using _ = kerasHome();
  const server = await serve(t, () => {});
  const start = performance.now();
  await assert.rejects(vgg16({ baseUrl: server.url, verbose: 0 }), /can't be downloaded/);
  assert.ok(performance.now() - start < 8000);
});

test('"auto" takes the packaged weights without a network, and says so', async (t) => {
  using _ = kerasHome();
  const log = t.mock.method(console, "log", () => {});
  const options = { weights: "auto", includeTop: false, baseUrl: nowhere };
  const trunk = await vgg16(options);
  const base = await mobileNetV2(options);
  assert.deepEqual([weightsOf(trunk).name, weightsOf(base).name], ["edges", "dogs"]);
  assert.match(weightsOf(trunk).obstacle!.message, /can't be downloaded/);
  assert.match(weightsOf(trunk).note, /not what a picture shows/);
  const printed = log.mock.calls.map(({ arguments: [text] }) => text);
  assert.equal(printed.length, 2);
  assert.match(
    printed[0],
    /^Weights: VGG16's convolutions, trained to find edges .*\nWhy: ImageNet's/,
  );
  assert.match(printed[1], /^Weights: MobileNetV2 .* dogs .*\nWhy: ImageNet's/);
  trunk.dispose();
  base.dispose();
});

test('"auto" takes ImageNet\'s weights where they are', async (t) => {
  using home = kerasHome();
  fs.mkdirSync(home.join("models"));
  fs.writeFileSync(home.join("models", name), bytes);
  const log = t.mock.method(console, "log", () => {});
  const model = await mobileNetV2({ ...small, weights: "auto", baseUrl: nowhere });
  assert.equal(weightsOf(model).name, "imagenet");
  assert.match(log.mock.calls[0]!.arguments[0], /^Weights: Keras' own for ImageNet/);
  model.dispose();
});

test('"auto" says why when nothing fits', async () => {
  using _ = kerasHome();
  const options = { weights: "auto", baseUrl: nowhere, verbose: 0 } as const;
  await assert.rejects(
    vgg16(options),
    /can't be downloaded.*"edges" can't stand in: they have no top/,
  );
  await assert.rejects(
    mobileNetV2({ ...options, alpha: 0.5, includeTop: false }),
    /"dogs" can't stand in: they are for alpha 1, not 0\.5/,
  );
});

test("weightsOf() knows random weights, and refuses other models", async () => {
  const model = await vgg16({ weights: null, includeTop: false });
  assert.deepEqual(weightsOf(model), {
    name: "random",
    title: "random numbers",
    source: undefined,
    why: "asked for",
    note: "",
  });
  model.dispose();
  const other = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
  assert.throws(() => weightsOf(other), /`model` must be a network that/);
  other.dispose();
});

const wrong: [what: string, call: () => Promise<unknown>, message: RegExp][] = [
  ["an unknown option", () => vgg16({ top: true } as object), /has no option `top`/],
  [
    "another network's weights",
    () => vgg16({ weights: "dogs" }),
    /"imagenet", "auto", "edges", null/,
  ],
  [
    "a path to nothing",
    () => mobileNetV2({ weights: "no/such.h5" }),
    /"auto", "dogs", null, or the path/,
  ],
  [
    "a number as weights",
    () => vgg16({ weights: 1 as never }),
    /`weights` must be a name, a path or null/,
  ],
  [
    "ten of ImageNet's classes",
    () => vgg16({ classes: 10 }),
    /`classes` must be 1000 with ImageNet's/,
  ],
  [
    "half a class",
    () => vgg16({ weights: null, classes: 0.5 }),
    /`classes` must be a whole number from 1 to 100000/,
  ],
  ["small images", () => vgg16({ weights: null, inputShape: [31, 64, 3] }), /at least 32 × 32/],
  [
    "images without channels",
    () => vgg16({ weights: null, inputShape: [64, 64] as never }),
    /inputShape/,
  ],
  [
    "grey images for colour weights",
    () => vgg16({ includeTop: false, inputShape: [64, 64, 1] }),
    /3 channels/,
  ],
  [
    "another size with the top",
    () => vgg16({ inputShape: [180, 180, 3] }),
    /must be \[224, 224, 3\] with/,
  ],
  [
    "an open size with the top",
    () => vgg16({ weights: null, inputShape: [null, null, 3] }),
    /fixed height/,
  ],
  [
    "another pooling",
    () => vgg16({ weights: null, pooling: "min" as never }),
    /`pooling` must be one of "avg", "max", null/,
  ],
  [
    "another activation for a trained top",
    () => vgg16({ classifierActivation: "relu" }),
    /"softmax" or null/,
  ],
  [
    "an alpha without weights",
    () => mobileNetV2({ alpha: 0.6 }),
    /one of 0\.35, 0\.5, 0\.75, 1, 1\.3, 1\.4/,
  ],
  [
    "a negative alpha",
    () => mobileNetV2({ weights: null, alpha: -1 }),
    /`alpha` must be a positive number/,
  ],
  ["a top for edges", () => vgg16({ weights: "edges" }), /weights "edges" have no top/],
  ["a top for dogs", () => mobileNetV2({ weights: "dogs" }), /weights "dogs" have no top/],
];

for (const [what, call, message] of wrong) {
  test(`${what}: refused, and nothing is left`, async () => {
    const tensors = tf.memory().numTensors;
    await assert.rejects(call, message);
    assert.equal(tf.memory().numTensors, tensors);
  });
}
