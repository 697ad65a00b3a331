/** What XLA is told before TensorFlow is loaded. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { setUpXla } from "../../lib/native/xla";
import { repositoryRoot } from "../support/python";
import { temporaryFolder } from "../support/temporaryFolder";

const places = { libraries: undefined, machine: "a processor" };

/** The folder in a flag. */
function folderIn(flags: string | undefined, flag: string): string {
  const found = flags?.split(" ").find((each) => each.startsWith(`--${flag}=`));
  assert.ok(found, `${flag} in ${flags}`);
  return found.slice(flag.length + 3);
}

test("programs are kept in the user's cache, apart for each kind of machine", () => {
  const folderFor = (machine: string) => {
    const environment: NodeJS.ProcessEnv = { CONVNETS_HOME: "/somewhere" };
    setUpXla(environment, { ...places, machine });
    assert.equal(environment.XLA_FLAGS, undefined);
    return folderIn(environment.TF_XLA_FLAGS, "tf_xla_persistent_cache_directory");
  };
  const one = folderFor("a processor");
  assert.equal(path.dirname(one), "/somewhere/xla");
  assert.equal(folderFor("a processor"), one);
  assert.notEqual(folderFor("another"), one);
});

test("with NVIDIA's packages XLA finds their tools, and keeps its choice of kernels", () => {
  using folder = temporaryFolder();
  const cuda = folder.join("site-packages/nvidia/cuda_nvcc");
  fs.mkdirSync(cuda, { recursive: true });
  const environment: NodeJS.ProcessEnv = { CONVNETS_HOME: folder.join("home") };
  const libraries = folder.join("site-packages/tensorflow");
  setUpXla(environment, { ...places, libraries });
  assert.equal(folderIn(environment.XLA_FLAGS, "xla_gpu_cuda_data_dir"), cuda);
  const kernels = folderIn(environment.XLA_FLAGS, "xla_gpu_per_fusion_autotune_cache_dir");
  assert.ok(fs.statSync(kernels).isDirectory());
  // Where the folder can't be made, the tools are still found.
  fs.writeFileSync(folder.join("file"), "");
  const other: NodeJS.ProcessEnv = { CONVNETS_HOME: folder.join("file") };
  setUpXla(other, { ...places, libraries });
  assert.equal(other.XLA_FLAGS, `--xla_gpu_cuda_data_dir=${cuda}`);
});

test("what the user has set stays", () => {
  const own = { TF_XLA_FLAGS: "", XLA_FLAGS: "--xla_cpu_enable_fast_math=false" };
  const environment: NodeJS.ProcessEnv = { ...own };
  setUpXla(environment, places);
  assert.deepEqual(environment, own);
});

const program = `
const { fit, tf } = require(${JSON.stringify(path.join(repositoryRoot, ".build/lib"))});
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
model.compile({ optimizer: "sgd", loss: "meanSquaredError", jitCompile: true });
const [x, y] = [tf.ones([8, 2]), tf.ones([8, 1])];
fit(model, [x, y], { epochs: 1, batchSize: 4, verbose: 0 });
`;

test("the program of one process is another's", () => {
  using folder = temporaryFolder();
  const { TF_XLA_FLAGS: _, ...rest } = process.env;
  const env = { ...rest, CONVNETS_HOME: folder.join("home") };
  const programs = () =>
    fs
      .readdirSync(folder.join("home/xla"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name);
  execFileSync(process.execPath, ["-e", program], { env });
  const first = programs();
  assert.equal(first.length, 1);
  const file = fs
    .readdirSync(folder.join("home/xla"), { recursive: true })
    .find((name) => String(name).endsWith(first[0]!));
  const { mtimeMs } = fs.statSync(folder.join(`home/xla/${file}`));
  execFileSync(process.execPath, ["-e", program], { env });
  assert.deepEqual(programs(), first);
  assert.equal(fs.statSync(folder.join(`home/xla/${file}`)).mtimeMs, mtimeMs);
});
