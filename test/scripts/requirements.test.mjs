// @ts-check
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { chosenDevice, keepDeviceChoice } from "../../scripts/setup/device.mjs";
import {
  installedPackages,
  installedTensorFlow,
  missingPins,
} from "../../scripts/setup/packages.mjs";
import { paths } from "../../scripts/setup/paths.mjs";
import { parseRequirements, pinsFor } from "../../scripts/setup/requirements.mjs";
import { temporaryFolder, writeFiles } from "./support.mjs";

const pins = parseRequirements(fs.readFileSync(paths.requirements, "utf8"));
const python = /** @type {const} */ ([3, 11]);

/** @param {import("../../scripts/setup/requirements.mjs").Pin[]} chosen */
const tensorflowOf = (chosen) =>
  chosen.filter(({ name }) => name.startsWith("tensorflow")).map(({ spec }) => spec);

test("pinsFor() takes TensorFlow for the CPU, without any package of NVIDIA's", () => {
  const chosen = pinsFor(pins, { device: "cpu", python });
  assert.deepEqual(tensorflowOf(chosen), ["tensorflow-cpu==2.21.0"]);
  assert.ok(!chosen.some(({ name }) => name.startsWith("nvidia-") || name === "ziglang"));
});

test("pinsFor() swaps it for TensorFlow with CUDA when there is a GPU", () => {
  const chosen = pinsFor(pins, { device: "gpu", python });
  assert.deepEqual(tensorflowOf(chosen), ["tensorflow[and-cuda]==2.21.0"]);
  assert.ok(chosen.some(({ spec }) => spec.startsWith("nvidia-cudnn-cu12==9.")));
});

test("pinsFor() leaves to pip, on Python 3.10, what no longer supports it", () => {
  const names = pinsFor(pins, { device: "cpu", python: [3, 10] }).map(({ name }) => name);
  assert.ok(names.includes("keras") && !names.includes("numpy"));
  assert.ok(pinsFor(pins, { device: "cpu", python: [3, 13] }).some(({ name }) => name === "numpy"));
});

test("parseRequirements() refuses a package without a pinned version", () => {
  assert.throws(() => parseRequirements("numpy>=2\n"), /Not a pinned package: numpy>=2/);
  assert.throws(() => parseRequirements('a==1 ; os_name == "nt"\n'), /doesn't know: os_name/);
});

test("installedPackages() leaves out a package whose installation was interrupted", (t) => {
  const venv = temporaryFolder(t);
  const site = "lib/python3.11/site-packages";
  writeFiles(venv, {
    [`${site}/tensorflow_cpu-2.21.0.dist-info/RECORD`]: "",
    [`${site}/tensorflow_cpu-2.21.0.dist-info/INSTALLER`]: "pip\n",
    // pip lays a wheel's own RECORD down with the other files.
    [`${site}/jupyterlab-4.6.6.dist-info/RECORD`]: "",
  });
  assert.deepEqual([...installedPackages(venv)], [["tensorflow-cpu", "2.21.0"]]);
  assert.deepEqual(installedTensorFlow(venv), {
    version: "2.21.0",
    device: "cpu",
    folder: path.join(venv, site, "tensorflow"),
  });
  const wanted = parseRequirements("tensorflow-cpu==2.21.0\njupyterlab==4.6.6\n");
  assert.deepEqual(
    missingPins(wanted, installedPackages(venv)).map(({ name }) => name),
    ["jupyterlab"],
  );
});

test("chosenDevice() goes by the driver until the user has chosen, and keeps the choice", (t) => {
  const file = path.join(temporaryFolder(t), "cache/device");
  const withDriver = () => true;
  const without = () => false;
  assert.equal(chosenDevice(file, withDriver), "gpu");
  assert.equal(chosenDevice(file, without), "cpu");
  keepDeviceChoice(file, "cpu");
  assert.equal(chosenDevice(file, withDriver), "cpu");
  keepDeviceChoice(file, "auto");
  assert.equal(chosenDevice(file, withDriver), "gpu");
});
