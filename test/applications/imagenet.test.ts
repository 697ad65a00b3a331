/** ImageNet's weights of the networks for small machines: Keras' addresses and checksums, and what they are put into. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fs from "node:fs";
import { after, before, test } from "node:test";
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import { efficientNet } from "../../lib/applications/efficientNet";
import { applications, predict, tf } from "../../lib/index";
import { sendFile, serve } from "../data/download/servers";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";
import { pixels } from "./pixels";

type Options = Record<string, unknown>;
type Offered = [network: string, options: Options, url: string, hash: string | null];

const { KERAS_HOME } = process.env;
const folder = temporaryFolder();
const downloads = folder.join("models");
const smallest = "mobilenet_2_5_128_tf_no_top.h5";
const efficient = "efficientnetb0_notop.h5";

/** Lists Keras' files, and writes two with random numbers; one is put into the network that ImageNet's go into. */
const program = `
import json, pathlib, sys
import h5py, keras, numpy as np
from keras.applications import EfficientNetB0, MobileNet
from keras.src.applications import convnext, efficientnet, efficientnet_v2, mobilenet, mobilenet_v3
from keras.src.legacy.saving import legacy_h5_format
from keras.src.utils import file_utils
sys.path.insert(0, "test/applications")
from networks import pixels, shake, write_old
folder = pathlib.Path(sys.argv[1])
(folder / "models").mkdir()
offered = []
def offer(network, url, hashes, options={}, ends=(".h5", "_notop.h5")):
    for top, end, hash in zip((True, False), ends, hashes):
        offered.append([network, dict(includeTop=top, **options), url + end, hash])
for key, hashes in efficientnet.WEIGHTS_HASHES.items():
    offer(f"efficientNet{key.upper()}", f"{efficientnet.BASE_WEIGHTS_PATH}efficientnet{key}", hashes)
for key, hashes in efficientnet_v2.WEIGHTS_HASHES.items():
    if key.startswith("b"):
        offer(f"efficientNetV2{key.upper()}", f"{efficientnet_v2.BASE_WEIGHTS_PATH}efficientnetv2-{key}", hashes)
for key, hashes in convnext.WEIGHTS_HASHES.items():
    size = key.split("_")[1]
    name = dict(xlarge="XLarge").get(size, size.capitalize())
    offer(f"convNeXt{name}", f"{convnext.BASE_WEIGHTS_PATH}{key}", hashes)
for key, hashes in mobilenet_v3.WEIGHTS_HASHES.items():
    options = dict(alpha=float(key.split("_")[-2]), minimalistic="minimalistic" in key)
    url = f"{mobilenet_v3.BASE_WEIGHT_PATH}weights_mobilenet_v3_{key}"
    offer(f"mobileNetV3{key.split('_')[0].capitalize()}", url, hashes, options, (".h5", "_no_top_v2.h5"))
for alpha, text in ((0.25, "2_5"), (0.5, "5_0"), (0.75, "7_5"), (1, "1_0")):
    options = dict(alpha=alpha, inputShape=[192, 192, 3])
    url = f"{mobilenet.BASE_WEIGHT_PATH}mobilenet_{text}_192_tf"
    offer("mobileNet", url, (None, None), options, (".h5", "_no_top.h5"))
model = MobileNet(weights=None, include_top=False, input_shape=(128, 128, 3), alpha=0.25)
shake(model)
write_old(model, folder / "${smallest}")
model = EfficientNetB0(weights=None, include_top=False, input_shape=(64, 64, 3))
shake(model)
write_old(model, folder / "models/${efficient}")
file_utils.get_file = lambda name, *_, **__: str(folder / "models" / name)
keras.backend.clear_session()
model = EfficientNetB0(weights="imagenet", include_top=False, input_shape=(64, 64, 3))
y = model.predict(pixels(4, 64, 64), verbose=0)
print(json.dumps(dict(offered=offered, layers=[layer.name for layer in model.layers], y=y.flatten().tolist())))
`;

let keras: { offered: Offered[]; layers: string[]; y: number[] };

before(async () => {
  keras = JSON.parse((await runPython(program, [folder.path])).trim().split("\n").at(-1)!);
  process.env.KERAS_HOME = folder.path;
});

after(() => {
  if (KERAS_HOME === undefined) delete process.env.KERAS_HOME;
  else process.env.KERAS_HOME = KERAS_HOME;
  folder[Symbol.dispose]();
});

const builders = applications as unknown as Record<
  string,
  (options: Options) => Promise<LayersModel>
>;

const refused = (network: string, options: Options): Promise<Error> =>
  builders[network]!({ ...options, verbose: 0 }).then(
    () => assert.fail(`${network} takes it`),
    (error) => error,
  );

test("every network has Keras' addresses and checksums", async (t) => {
  using home = temporaryFolder();
  process.env.KERAS_HOME = home.path;
  process.env.HTTPS_PROXY = "http://127.0.0.1:9"; // nobody listens there: nothing leaves the machine
  const tensors = tf.memory().numTensors;
  const other = Buffer.from("none of Keras' files");
  const server = await serve(t, (request, response) => sendFile(request, response, other));
  try {
    assert.equal(keras.offered.length, 2 * (8 + 4 + 5 + 6 + 4));
    for (const [network, options, url, hash] of keras.offered) {
      assert.ok((await refused(network, options)).message.includes(`${url} cannot be reached`));
      const { message } = await refused(network, { ...options, baseUrl: server.url });
      const { pathname } = new URL(url);
      assert.ok(pathname.endsWith(server.requests.at(-1)!.path), pathname);
      if (hash !== null) assert.ok(message.includes(hash), message);
    }
  } finally {
    delete process.env.HTTPS_PROXY;
    process.env.KERAS_HOME = folder.path;
  }
  assert.equal(tf.memory().numTensors, tensors);
});

test("mobileNet() downloads to where Keras looks, and finds it there", async (t) => {
  const bytes = fs.readFileSync(folder.join(smallest));
  const server = await serve(t, (request, response) => sendFile(request, response, bytes));
  const tensors = tf.memory().numTensors;
  const size = { alpha: 0.25, inputShape: [128, 128, 3] as [number, number, number] };
  const options = { ...size, includeTop: false, baseUrl: server.url, verbose: 0 } as const;
  const model = await applications.mobileNet(options);
  assert.equal(server.requests[0]!.path, `/mobilenet/${smallest}`);
  assert.equal(applications.weightsOf(model).why, "downloaded");
  assert.equal(model.name, "mobilenet_0.25_128");
  assert.deepEqual(fs.readFileSync(`${downloads}/${smallest}`), bytes);
  const again = await applications.mobileNet(options);
  assert.equal(server.requests.length, 1);
  assert.deepEqual(
    again.getWeights().map((weight) => weight.dataSync()),
    model.getWeights().map((weight) => weight.dataSync()),
  );
  model.dispose();
  again.dispose();
  assert.equal(tf.memory().numTensors, tensors);
});

test("ImageNet's weights of EfficientNet come with a rescaling more, as in Keras", async () => {
  const tensors = tf.memory().numTensors;
  const md5 = createHash("md5")
    .update(fs.readFileSync(`${downloads}/${efficient}`))
    .digest("hex");
  const build = efficientNet({
    ...{ variant: "b0", size: 224, width: 1, depth: 1, dropoutRate: 0.2 },
    hashes: ["", md5],
  });
  const model = await build({ includeTop: false, inputShape: [64, 64, 3] });
  assert.equal(applications.weightsOf(model).name, "imagenet");
  const withoutNumbers = (names: string[]) => names.map((name) => name.replace(/_\d+$/, ""));
  const names = model.layers.map(({ name }) => name);
  assert.deepEqual(withoutNumbers(names), withoutNumbers(keras.layers));
  assert.equal(names.filter((name) => name.startsWith("rescaling")).length, 2);
  const x = pixels([4, 64, 64, 3]);
  const y = (await predict(model, x, { verbose: 0 })) as Tensor;
  const scale = keras.y.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const found = y.dataSync();
  const worst = keras.y.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0);
  assert.ok(scale > 0.01 && worst <= 1e-4 * scale, `differs by ${worst} of ${scale}`);
  tf.dispose([x, y]);
  model.dispose();
  assert.equal(tf.memory().numTensors, tensors);
});

const wrong: [what: string, call: () => Promise<unknown>, message: RegExp][] = [
  [
    "a width without weights",
    () => applications.mobileNetV3Small({ alpha: 0.5 }),
    /`alpha` must be 0\.75 or 1 with ImageNet's weights/,
  ],
  [
    "a narrow minimalistic network with weights",
    () => applications.mobileNetV3Large({ alpha: 0.75, minimalistic: true }),
    /`alpha` must be 1 with a minimalistic network's weights/,
  ],
  [
    "a width of 0",
    () => applications.mobileNet({ weights: null, alpha: 0 }),
    /`alpha` must be a positive number/,
  ],
  [
    "two filters for each channel with weights",
    () => applications.mobileNet({ depthMultiplier: 2 }),
    /`depthMultiplier` must be 1 with ImageNet's/,
  ],
  [
    "a share above 1",
    () => applications.mobileNetV3Small({ weights: null, dropoutRate: 1.5 }),
    /dropoutRate/,
  ],
  [
    "another size with the top",
    () => applications.efficientNetB1({ inputShape: [224, 224, 3] }),
    /must be \[240, 240, 3\] with/,
  ],
  [
    "small images",
    () => applications.convNeXtTiny({ weights: null, inputShape: [31, 64, 3] }),
    /at least 32 × 32/,
  ],
  [
    "a word for a truth value",
    () => applications.efficientNetV2B0({ includePreprocessing: "yes" as never }),
    /includePreprocessing/,
  ],
  [
    "an option of another network",
    () => applications.efficientNetB0({ includePreprocessing: true } as object),
    /has no option `includePreprocessing`/,
  ],
  [
    "another network's packaged weights",
    () => applications.convNeXtTiny({ weights: "dogs" }),
    /"imagenet", null, or the path/,
  ],
];

for (const [what, call, message] of wrong) {
  test(`${what}: refused, and nothing is left`, async () => {
    const tensors = tf.memory().numTensors;
    await assert.rejects(call, message);
    assert.equal(tf.memory().numTensors, tensors);
  });
}
