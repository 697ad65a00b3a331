// @ts-check
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { describeGpus, findGpus } from "../../scripts/doctor/gpu.mjs";
import { report } from "../../scripts/doctor/report.mjs";
import { paths, root } from "../../scripts/setup/paths.mjs";
import { typeChecks } from "../../scripts/test/checks.mjs";
import { bareCheckout, runProgram, temporaryFolder, writeFiles } from "./support.mjs";

test("doctor works where nothing is installed: it names each missing thing, its hint, and ends with 1", async (t) => {
  const folder = bareCheckout(t);
  const { code, output } = await runProgram([process.execPath, "scripts/doctor.mjs"], {
    cwd: folder,
  });
  assert.equal(code, 1);
  for (const name of [
    "npm packages",
    "Python",
    "Native files",
    "TensorFlow",
    "Kernel",
    "Weights",
  ]) {
    assert.match(output, new RegExp(`^✖ ${name} +.*\\n(.*\\n)? +→ npm run setup$`, "m"), name);
  }
  assert.match(output, /^✔ Machine +Node \d+/m);
  assert.ok(output.trim().split("\n").length <= 40, "one screen");
  assert.deepEqual(fs.readdirSync(folder).sort(), [
    "lib",
    "package-lock.json",
    "package.json",
    "scripts",
    "tsconfig.json",
  ]);
});

test("doctor tells the engine's facts from a process of its own", async () => {
  const { output } = await runProgram([process.execPath, "scripts/doctor.mjs"], { cwd: root });
  assert.match(output, /^✔ TensorFlow +2\.21\.0 \(package for (CPU|GPU)\), tfjs 4\.22\.0$/m);
  assert.match(output, /oneDNN (on|off)/);
  assert.match(output, /^[✔✖] GPU +\S/m);
});

test("doctor says why no GPU is used", () => {
  const h100 = "NVIDIA H100 80GB HBM3, 81559 MiB";
  const machine = {
    ...{ driver: true, listed: h100, version: "535.104.05", hidden: undefined },
    missing: /** @type {string[]} */ ([]),
  };
  const none = { ...machine, driver: false, listed: undefined };
  const text = (/** @type {import("../../scripts/doctor/gpu.mjs").Gpus} */ gpus) =>
    report([describeGpus(gpus)]);
  assert.match(text({ ...none, wheel: "cpu", running: "CPU" }), /^✔ GPU +none: .*no NVIDIA driver/);
  assert.match(
    text({ ...machine, wheel: "gpu", running: "GPU" }),
    /^✔ GPU +NVIDIA H100 80GB HBM3, 81559 MiB$/m,
  );
  assert.match(text({ ...machine, wheel: "cpu", running: "CPU" }), /not used: .*setup -- --gpu/);
  assert.match(
    text({ ...machine, hidden: "", wheel: "gpu", running: "CPU" }),
    /CUDA_VISIBLE_DEVICES/,
  );
  assert.match(text({ ...machine, wheel: "gpu", running: "CPU" }), /^✖ GPU(.*\n)*.*→ .*tells why/);
  assert.match(
    text({ ...machine, listed: undefined, wheel: "gpu", running: "CPU" }),
    /✖ .*(\n.*)+--gpus all/,
  );
});

test("doctor asks the driver: too old, without cuDNN, without what XLA needs", (t) => {
  const folder = temporaryFolder(t);
  const { PATH } = process.env;
  t.after(() => {
    process.env.PATH = PATH;
  });
  const found = (
    /** @type {string} */ version,
    /** @type {"CPU" | "GPU"} */ running,
    /** @type {string[]} */ files,
  ) => {
    const packages = path.join(folder, `${version}-${running}-${files.length}`);
    writeFiles(packages, Object.fromEntries(files.map((file) => [`nvidia/${file}`, ""])));
    const smi = `#!/bin/sh
case "$1" in
  *driver_version*) echo ${version} ;;
  *) echo "NVIDIA H100 80GB HBM3, 81559 MiB" ;;
esac
`;
    writeFiles(folder, { "bin/nvidia-smi": smi });
    fs.chmodSync(path.join(folder, "bin/nvidia-smi"), 0o755);
    process.env.PATH = `${path.join(folder, "bin")}:${PATH}`;
    return report([findGpus("gpu", running, packages)]);
  };
  const cudnn = "cudnn/lib/libcudnn.so.9";
  const nvcc = ["cuda_nvcc/nvvm/libdevice/libdevice.10.bc", "cuda_nvcc/bin/ptxas"];
  const old = found("470.82.01", "CPU", [cudnn, ...nvcc]);
  assert.match(old, /^✖ GPU(.*\n)*.*the driver, 470\.82\.01, is too old(.*\n)*.*→ .*driver 525/);
  assert.match(
    found("550.54.15", "CPU", nvcc),
    /^✖ GPU(.*\n)*.*not used: cuDNN is missing(.*\n)*.*→ npm run setup -- --gpu/,
  );
  assert.match(
    found("550.54.15", "GPU", [cudnn, "cuda_nvcc/bin/ptxas"]),
    /^✖ GPU(.*\n)*.*libdevice, which XLA needs, is missing(.*\n)*.*→ npm run setup -- --gpu/,
  );
  assert.match(
    found("550.54.15", "GPU", [cudnn, ...nvcc]),
    /^✔ GPU +NVIDIA H100 80GB HBM3, 81559 MiB$/m,
  );
});

test("a failing set-up names the step, shows the reason and ends with what to do", async (t) => {
  const folder = bareCheckout(t);
  writeFiles(folder, { "package-lock.json": "{}" }); // npm ci refuses a lock without content
  const { code, output } = await runProgram([process.execPath, "scripts/setup.mjs"], {
    cwd: folder,
  });
  assert.equal(code, 1);
  assert.match(output, /^✖ npm packages +failed after \d/m);
  assert.match(output, /^Installing the npm packages failed/m);
  assert.match(output, /^All of its output: .*\.cache\/logs\/npm\.log$/m);
  assert.match(output, /^What to do: check the network/m);
  assert.doesNotMatch(output, /Python and TensorFlow/);
  assert.ok(!fs.existsSync(path.join(folder, ".cache/setup.lock")));
});

test("the lock file names no registry's host and requirements.txt no path", () => {
  const lock = fs.readFileSync(path.join(root, "package-lock.json"), "utf8");
  assert.doesNotMatch(lock, /"resolved": "https?:/);
  assert.doesNotMatch(fs.readFileSync(paths.requirements, "utf8"), /^[^#]*[/@]/m);
});

test("npm run typecheck checks library and scripts, both with TypeScript 7", async () => {
  const checks = typeChecks(paths);
  assert.deepEqual(
    checks.map((check) => path.relative(root, check.at(-1) ?? "")),
    ["", "scripts"],
  );
  for (const check of checks) {
    const { code, output } = await runProgram([...check, "--version"], { cwd: root });
    assert.equal(code, 0, output);
    assert.match(output, /^Version 7\./);
  }
});
