/** Damaged and hostile files: one clear error each, and nothing left behind. */
import assert from "node:assert/strict";
import { createWriteStream } from "node:fs";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { after, before, test } from "node:test";
import yazl from "yazl";
import { loadModel, loadWeights, ModelFileError, saveModel, saveWeights } from "../../lib/saving";
import { type KerasArchive, readArchive, writeArchive } from "../../lib/saving/archive";
import { writeHdf5 } from "../../lib/saving/hdf5";
import { writeWeights } from "../../lib/saving/weightFile";
import { tf } from "../../lib/tfjs";
import { loadWithWarnings } from "./kerasFacts";

let folder: string;
let good: string;
let archive: KerasArchive;

before(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), "hostile-"));
  good = path.join(folder, "good.keras");
  const model = makeModel();
  await saveModel(model, good);
  model.dispose();
  archive = await readArchive(good);
});

after(() => fs.rm(folder, { recursive: true, force: true }));

function makeModel() {
  const model = tf.sequential({ name: "small" });
  model.add(tf.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [6, 6, 2], name: "eye" }));
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ units: 3, name: "head" }));
  model.add(tf.layers.batchNormalization({ name: "norm" }));
  model.compile({ optimizer: tf.train.adam(0.01), loss: "meanSquaredError" });
  return model;
}

/** The description of the good model, as an object that a test may change. */
interface Entry {
  class_name: string;
  module: string | null;
  name?: string;
  registered_name?: string | null;
  config: Record<string, unknown> & { layers: Entry[] };
  inbound_nodes?: unknown[];
  compile_config: {
    optimizer: { class_name: string; config: Record<string, unknown> };
    loss: unknown;
    metrics: unknown;
  };
}

async function written(name: string, change: (config: Entry) => void): Promise<string> {
  const config = JSON.parse(archive.config) as Entry;
  change(config);
  const file = path.join(folder, `${name}.keras`);
  await writeArchive(file, { ...archive, config: JSON.stringify(config) });
  return file;
}

/** Loading must fail with a message like this, from the file's name on, and leave no tensor. */
async function refuses(file: string, message: RegExp): Promise<void> {
  const tensors = tf.memory().numTensors;
  const variables = Object.keys(tf.engine().registeredVariables).length;
  await assert.rejects(loadModel(file), (error: Error) => {
    assert.ok(error instanceof ModelFileError, `${error.name}: ${error.message}`);
    assert.ok(error.message.startsWith(`\`${file}\` `), error.message);
    assert.match(error.message, message);
    return true;
  });
  assert.equal(tf.memory().numTensors, tensors, "no tensor is left");
  assert.equal(Object.keys(tf.engine().registeredVariables).length, variables);
}

test("a file that is no zip is refused", async () => {
  const file = path.join(folder, "text.keras");
  await fs.writeFile(file, "not a model");
  await refuses(file, /is not a readable \.keras file/);
});

test("a truncated file is refused wherever it ends", async () => {
  const bytes = await fs.readFile(good);
  for (const share of [0, 0.1, 0.5, 0.9, 0.999]) {
    const file = path.join(folder, "short.keras");
    await fs.writeFile(file, bytes.subarray(0, Math.floor(bytes.length * share)));
    await refuses(file, /is not a readable \.keras file|is damaged/);
  }
});

test("a flipped bit in the weights is found", async () => {
  const bytes = await fs.readFile(good);
  bytes[Math.floor(bytes.length * 0.7)]! ^= 4;
  const file = path.join(folder, "flipped.keras");
  await fs.writeFile(file, bytes);
  await refuses(file, /is damaged: "model\.weights\.h5" doesn't match its checksum/);
});

async function zipped(
  name: string,
  members: [member: string, content: Uint8Array | string, compress?: boolean][],
): Promise<string> {
  const zip = new yazl.ZipFile();
  for (const [member, content, compress = false] of members) {
    zip.addBuffer(Buffer.from(content), member, { compress });
  }
  zip.end();
  const file = path.join(folder, `${name}.keras`);
  await pipeline(zip.outputStream, createWriteStream(file));
  return file;
}

test("a zip without a model is refused, naming the member that is missing", async () => {
  await refuses(await zipped("other", [["readme.txt", "hello"]]), /has no "config\.json"/);
  const half = await zipped("half", [["config.json", archive.config]]);
  await refuses(half, /has no "model\.weights\.h5"/);
});

test("a zip bomb is refused before it expands", async () => {
  const bomb = new Uint8Array(64 * 2 ** 20);
  const file = await zipped("bomb", [
    ["config.json", archive.config],
    ["model.weights.h5", bomb, true],
  ]);
  await refuses(file, /would expand from \d+ to 67108864 bytes/);
});

test("two members of one name are refused", async () => {
  const file = await zipped("twice", [
    ["config.json", archive.config],
    ["config.json", archive.config.replace("small", "other")],
    ["model.weights.h5", archive.weights],
  ]);
  await refuses(file, /holds "config\.json" twice/);
});

test("a member whose path leads outside is refused", async () => {
  const file = await zipped("outside", [
    ["config.json", archive.config],
    ["model.weights.h5", archive.weights],
    ["xx/xx/evil", "content"],
  ]);
  const bytes = (await fs.readFile(file)).toString("latin1").replaceAll("xx/xx/evil", "../../evil");
  await fs.writeFile(file, bytes, "latin1");
  await refuses(file, /invalid relative path/);
});

test("a config.json that isn't one is refused", async () => {
  for (const [config, message] of [
    ["{", /config\.json is not JSON/],
    ["[1]", /must be a JSON object/],
    ["{}", /without a class/],
    ['{"class_name": "Sequential"}', /must have an object under "config"/],
    ['{"class_name": "Sequential", "config": {"name": "x", "layers": 7}}', /a list under "layers"/],
    ['{"class_name": "Sequential", "config": {"name": "x", "layers": []}}', /has no layers/],
  ] as const) {
    const file = path.join(folder, "config.keras");
    await writeArchive(file, { ...archive, config });
    await refuses(file, message);
  }
});

test("models nested beyond reason are refused", async () => {
  const open = '{"class_name": "Sequential", "config": {"name": "a", "layers": [';
  const config = `${open.repeat(5000)}${archive.config}${"]}}".repeat(5000)}`;
  const file = path.join(folder, "deep.keras");
  await writeArchive(file, { ...archive, config });
  await refuses(file, /can't be read: .*call stack/);
});

test("Python code in a Lambda layer is never run", async () => {
  const file = await written("lambda", (config) => {
    config.config.layers[2] = {
      ...config.config.layers[2]!,
      class_name: "Lambda",
      config: { name: "hook", function: ["4wEAAAA=", null, null], layers: [] },
    };
  });
  await refuses(file, /layer "hook" \(Lambda\) holds Python code, which is never run/);
});

test("a module that isn't Keras' is refused, and so are names that JavaScript objects inherit", async () => {
  const system = await written("module", (config) => {
    config.config.layers[2]!.module = "os";
  });
  await refuses(system, /\(Flatten\) names the Python module "os"/);
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    const file = await written("inherited", (config) => {
      config.config.layers[2]!.class_name = name;
    });
    await refuses(file, /is of an unknown class\. Supported: /);
  }
});

test("an optimizer or initializer is not a layer", async () => {
  const file = await written("kind", (config) => {
    config.config.layers[2]!.class_name = "Adam";
  });
  await refuses(file, /\(Adam\) is of an unknown class/);
});

test("an unknown layer, option or value is named, with what is supported", async () => {
  const layer = await written("layer", (config) => {
    config.config.layers[1]!.class_name = "QuantumConv";
  });
  await refuses(
    layer,
    /layer "eye" \(QuantumConv\) is of an unknown class\. Supported: .*Conv2D, .*Dense/,
  );

  const option = await written("option", (config) => {
    config.config.layers[1]!.config.sparkle = 3;
  });
  await refuses(
    option,
    /layer "eye" \(Conv2D\) has the option sparkle=3.*Supported: filters, kernel_size/,
  );

  const value = await written("value", (config) => {
    config.config.layers[1]!.config.groups = 0;
  });
  await refuses(
    value,
    /layer "eye" \(Conv2D\), option groups, is 0\. Supported: a whole number of at least 1/,
  );

  const activation = await written("activation", (config) => {
    config.config.layers[3]!.config.activation = "sparkle";
  });
  await refuses(activation, /layer "head" \(Dense\).* has the activation "sparkle".*relu/);

  const initializer = await written("initializer", (config) => {
    config.config.layers[3]!.config.kernel_initializer = { class_name: "Sparkle", config: {} };
  });
  await refuses(initializer, /layer "head".* has the initializer "Sparkle".*GlorotUniform/);

  const name = await written("name", (config) => {
    config.config.layers[3]!.config.name = ["head"];
  });
  await refuses(name, /a layer \(Dense\) has the name \["head"\]/);

  const policy = await written("policy", (config) => {
    config.config.layers[3]!.config.dtype = "complex64";
  });
  await refuses(
    policy,
    /layer "head" \(Dense\) has the dtype policy "complex64"\. Supported: float32/,
  );
});

test("an option of another type, or out of range, is refused with layer, option and what is allowed", async () => {
  for (const [layer, option, value, allowed] of [
    ["norm", "epsilon", "abc", "a number of at least 0"],
    ["norm", "epsilon", -1, "a number of at least 0"],
    ["norm", "momentum", {}, "a number from 0 to 1"],
    ["norm", "scale", "no", "true, false"],
    ["eye", "use_bias", "no", "true, false"],
    ["eye", "filters", 2.5, "a whole number of at least 1"],
    ["eye", "filters", "4", "a whole number of at least 1"],
    ["eye", "kernel_size", [3], "a whole number of at least 1, or a list of 2"],
    ["eye", "strides", [0, 1], "a whole number of at least 1, or a list of 2"],
    ["eye", "padding", "none", "valid, same"],
    ["eye", "data_format", "channels_middle", "channels_last, channels_first"],
    ["eye", "trainable", "yes", "true, false"],
    ["head", "units", 1e10, "a whole number of at least 1"],
  ] as const) {
    const file = await written("typed", (config) => {
      const entry = config.config.layers.find(({ config: { name } }) => name === layer);
      entry!.config[option] = value;
    });
    const received = JSON.stringify(value).replace(/[[\]{}]/g, "\\$&");
    await refuses(
      file,
      new RegExp(
        `layer "${layer}" \\(\\w+\\), option ${option}, is ${received}\\. Supported: ${allowed}`,
      ),
    );
  }
  const regularizer = await written("regularizer", (config) => {
    config.config.layers[1]!.config.kernel_regularizer = {
      class_name: "L2",
      config: { l2: "big" },
    };
  });
  await refuses(
    regularizer,
    /layer "eye" \(Conv2D\), option kernel_regularizer, has the regularizer L2, whose l2 is "big"/,
  );
});

test("an unknown optimizer or loss leaves the model uncompiled, and one warning names it", async () => {
  const optimizer = await written("optimizer", (config) => {
    config.compile_config.optimizer.class_name = "Tiger";
  });
  const loss = await written("loss", (config) => {
    config.compile_config.loss = "sparkle";
  });
  for (const [file, message] of [
    [optimizer, /is compiled with the optimizer "Tiger", which is refused: .*"adam"/],
    [
      loss,
      /is compiled with the loss "sparkle"\. Supported: binary_crossentropy, .*mean_squared_error/,
    ],
  ] as const) {
    const tensors = tf.memory().numTensors;
    const { model, warnings } = await loadWithWarnings(file);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, message);
    assert.match(warnings[0]!, /\. The model is left uncompiled\.$/);
    assert.equal(model.optimizer, undefined);
    model.dispose();
    assert.equal(tf.memory().numTensors, tensors);
    const bare = await loadWithWarnings(file, { compile: false });
    assert.deepEqual(bare.warnings, []);
    bare.model.dispose();
  }
});

test("an unknown metric is left out, and one warning names it", async () => {
  const file = await written("metric", (config) => {
    config.compile_config.metrics = ["mae", "sparkle", "__proto__"];
  });
  const { model, warnings } = await loadWithWarnings(file);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /metric "sparkle"\. .*It is left out\.\n.*metric "__proto__"/);
  assert.deepEqual(model.metrics, ["mae"]);
  model.dispose();
});

test("an optimizer's state that isn't its own is left out, and one warning says so", async () => {
  const bytes = await writeHdf5((file) => {
    const model = makeModel();
    writeWeights(file, model);
    model.dispose();
    file.array("optimizer/vars/0", { shape: [], data: BigInt64Array.of(7n) });
    file.array("optimizer/vars/1", { shape: [2], data: new Float32Array(2) });
    file.array("optimizer/vars/2", { shape: [3], data: new Float32Array(3) });
  });
  const { model, warnings } = await loadWithWarnings(await withWeights("state", bytes));
  assert.equal(warnings.length, 1);
  assert.match(
    warnings[0]!,
    /has 3 optimizer variables where the model's Adam has 14\. The optimizer starts afresh/,
  );
  assert.equal(model.optimizer.iterations, 0);
  model.dispose();
});

test("a small file can't ask for the memory of a large model", async () => {
  const file = await written("large", (config) => {
    config.config.layers[3]!.config.units = 2_000_000_000;
  });
  await refuses(
    file,
    /layer "head" \(Dense\) would have a weight "kernel" of shape \[64, 2000000000\]/,
  );
});

test("a model whose layers wait for each other is refused", async () => {
  const input = tf.input({ shape: [4], name: "in" });
  const hidden = tf.layers.dense({ units: 2, name: "one" }).apply(input) as typeof input;
  const output = tf.layers.dense({ units: 2, name: "two" }).apply(hidden) as typeof input;
  const model = tf.model({ inputs: input, outputs: output });
  const whole = path.join(folder, "graph.keras");
  await saveModel(model, whole);
  model.dispose();
  const parts = await readArchive(whole);
  const file = path.join(folder, "cycle.keras");
  const refers = (from: string, to: string) =>
    writeArchive(file, {
      ...parts,
      config: parts.config.replace(
        `"keras_history":["${from}",0,0]`,
        `"keras_history":["${to}",0,0]`,
      ),
    });
  await refers("in", "two");
  await refuses(file, /can't be connected: "one" waits for \["two",0,0\]/);
  await refers("in", "nowhere");
  await refuses(file, /waits for \["nowhere",0,0\], which nothing makes/);
});

async function withWeights(name: string, weights: Uint8Array): Promise<string> {
  const file = path.join(folder, `${name}.keras`);
  await writeArchive(file, { ...archive, weights });
  return file;
}

test("weights that aren't HDF5, or are damaged HDF5, are refused", async () => {
  const noise = Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251);
  await refuses(await withWeights("noise", noise), /is not an HDF5 file/);
  const signed = noise.slice();
  signed.set(archive.weights.subarray(0, 8));
  await refuses(await withWeights("signed", signed), /is a damaged HDF5 file/);
  await refuses(
    await withWeights("cut", archive.weights.slice(0, archive.weights.length / 2)),
    /is a damaged HDF5 file: .*truncated/,
  );
  for (let seed = 1; seed <= 20; seed++) {
    const scrambled = archive.weights.slice();
    for (let at = 100 + seed; at < scrambled.length; at += 97 * seed) scrambled[at]! ^= 0x5a;
    const file = await withWeights("scrambled", scrambled);
    // Values may be hit without harm to the structure; anything but a clear error or a model is wrong.
    await loadModel(file).then(
      (model) => model.dispose(),
      (error) => assert.ok(error instanceof ModelFileError, String(error)),
    );
  }
  const model = await loadModel(good); // the HDF5 library is unharmed
  model.dispose();
});

test("weights of other shapes, or too few, are refused with the layer's place", async () => {
  const shapes = await writeHdf5((file) => {
    file.array("layers/conv2d/vars/0", { shape: [3], data: new Float32Array(3) });
    file.array("layers/conv2d/vars/1", { shape: [4], data: new Float32Array(4) });
  });
  await refuses(
    await withWeights("shapes", shapes),
    /"layers\/conv2d\/vars\/0" of shape \[3\] where the model has \[3, 3, 2, 4\]/,
  );
  const few = await writeHdf5((file) => {
    file.array("layers/conv2d/vars/0", { shape: [3], data: new Float32Array(3) });
  });
  await refuses(await withWeights("few", few), /has 1 weights for layer "eye" \(Conv2D\)/);
});

test("loadWeights() leaves the model as it was when the file doesn't fit", async () => {
  const model = makeModel();
  const other = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
  const file = path.join(folder, "other.weights.h5");
  await saveWeights(other, file);
  const before = model.getWeights().map((weight) => weight.dataSync().slice());
  const tensors = tf.memory().numTensors;
  await assert.rejects(loadWeights(model, file), /has 0 weights for layer "eye"/);
  assert.deepEqual(
    model.getWeights().map((weight) => weight.dataSync().slice()),
    before,
  );
  assert.equal(tf.memory().numTensors, tensors);
  model.dispose();
  other.dispose();
});

test("wrong names, wrong options and missing files are refused as arguments", async () => {
  const model = makeModel();
  await assert.rejects(
    saveModel(model, "model.h5"),
    /`path` must be the name of a \.keras or \.json file/,
  );
  await assert.rejects(
    saveWeights(model, "model.keras"),
    /must be the name of a \.weights\.h5 file/,
  );
  await assert.rejects(saveModel(model, good, { overwrite: false }), /`path` must be a new file/);
  await assert.rejects(loadModel(path.join(folder, "none.keras")), /must be an existing file/);
  // @ts-expect-error a typing error
  await assert.rejects(loadModel(good, { compiled: false }), /has no option `compiled`/);
  model.dispose();
});

test("what can't be written is named, and no file appears", async () => {
  class Odd extends tf.layers.Layer {
    static className = "Odd";
  }
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
  model.add(new Odd({ name: "odd" }));
  const file = path.join(folder, "odd.keras");
  await assert.rejects(
    saveModel(model, file),
    /layer "odd" \(Odd\) is of a class that Keras files/,
  );
  assert.ok(!(await fs.readdir(folder)).some((name) => name.includes("odd.keras")));
  model.dispose();
});
