/** Where the residual, dense and Inception networks get ImageNet's weights: Keras' addresses and checksums. */
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import { applications, tf } from "../../lib/index";
import { sendFile, serve } from "../data/download/servers";
import { runPython } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";

type Offered = [network: string, includeTop: boolean, url: string, md5: string];

/** Lists Keras' files: from its table, and from the calls in its sources. */
const program = `
import inspect, json, re
from keras.src.applications import densenet, inception_v3, resnet, xception
offered = []
for key, hashes in resnet.WEIGHTS_HASHES.items():
    if key.startswith("resnext"):
        continue
    name = key.replace("resnet", "resNet").replace("v2", "V2")
    for top, end, md5 in zip((True, False), ("", "_notop"), hashes):
        url = f"{resnet.BASE_WEIGHTS_PATH}{key}_weights_tf_dim_ordering_tf_kernels{end}.h5"
        offered.append([name, top, url, md5])
call = re.compile(r'get_file\\(\\s*"(\\w+\\.h5)",\\s*(\\w+),.*?file_hash="(\\w+)"', re.S)
for module in (densenet, inception_v3, xception):
    for file, variable, md5 in call.findall(inspect.getsource(module)):
        url = getattr(module, variable)
        assert url.endswith(f"/{file}")
        name = file.split("_weights")[0].replace("densenet", "denseNet").replace("inception_v3", "inceptionV3")
        offered.append([name, "notop" not in file, url, md5])
print(json.dumps(offered))
`;

const { KERAS_HOME } = process.env;
const home = temporaryFolder();
let keras: Offered[];

before(async () => {
  process.env.KERAS_HOME = home.path;
  keras = JSON.parse((await runPython(program)).trim().split("\n").at(-1)!);
});

after(() => {
  if (KERAS_HOME === undefined) delete process.env.KERAS_HOME;
  else process.env.KERAS_HOME = KERAS_HOME;
  home[Symbol.dispose]();
});

const builders = applications as unknown as Record<
  string,
  (options: object) => Promise<LayersModel>
>;

test("every network asks for Keras' file, and takes no other", async (t) => {
  const other = Buffer.from("none of Keras' files");
  const server = await serve(t, (request, response) => sendFile(request, response, other));
  const tensors = tf.memory().numTensors;
  assert.equal(keras.length, 2 * (6 + 3 + 2));
  for (const [network, includeTop, url, md5] of keras) {
    const options = { includeTop, baseUrl: server.url, verbose: 0 };
    const problem = await builders[network]!(options).catch((error: Error) => error);
    assert.ok(problem instanceof Error);
    assert.ok(problem.message.includes(md5), problem.message);
    const { path } = server.requests.at(-1)!;
    assert.equal(url, `https://storage.googleapis.com/tensorflow/keras-applications${path}`);
  }
  assert.deepEqual(fs.readdirSync(home.join("models")), []);
  assert.equal(tf.memory().numTensors, tensors);
});

const { denseNet121, inceptionV3, resNet50, xception } = applications;

const wrong: [what: string, call: () => Promise<unknown>, message: RegExp][] = [
  ["images too small for Inception", () => inceptionV3({ inputShape: [74, 75, 3] }), /75 × 75/],
  ["images too small for Xception", () => xception({ inputShape: [71, 70, 3] }), /71 × 71/],
  ["another size with the top", () => xception({ inputShape: [224, 224, 3] }), /\[299, 299, 3\]/],
  ["ten of ImageNet's classes", () => denseNet121({ classes: 10 }), /must be 1000/],
  ["packaged weights", () => resNet50({ weights: "auto" }), /"imagenet", null, or the path/],
  ["an unknown option", () => resNet50({ alpha: 1 } as object), /resNet50.* has no option `alpha`/],
];

for (const [what, call, message] of wrong) {
  test(`${what}: refused, and nothing is left`, async () => {
    const tensors = tf.memory().numTensors;
    await assert.rejects(call, message);
    assert.equal(tf.memory().numTensors, tensors);
  });
}
