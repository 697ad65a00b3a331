// @ts-check
/** TensorFlow's two libraries, out of its package on PyPI: a third of what pip would install. */
import fs from "node:fs";
import path from "node:path";
import { run } from "../setup/command.mjs";
import {
  findLibraries,
  openZip,
  sharedFolder,
  sharedLibraries,
  tensorflowVersion,
} from "./library.mjs";
import { installer } from "./python.mjs";

/** The package. Its libraries are the same for each version of Python, so one will do. */
const wheel = {
  name: `tensorflow_cpu-${tensorflowVersion}-cp312-cp312-manylinux_2_27_x86_64.whl`,
  sha256: "dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb",
  bytes: 274_000_871,
};

const libraries = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];

/** @returns {import("../setup/runner.mjs").Step} */
export function tensorflowStep() {
  return {
    name: `TensorFlow ${tensorflowVersion}`,
    check: () => (findLibraries() === undefined ? "getting it from PyPI" : undefined),
    async run(tell) {
      const shared = sharedFolder();
      const work = path.join(shared, "unfinished"); // a wheel that is whole is taken again
      fs.mkdirSync(work, { recursive: true });
      await download(work, path.join(shared, "logs/pip.log"), tell);
      const unpacked = path.join(work, "libraries");
      fs.rmSync(unpacked, { recursive: true, force: true });
      await unpack(path.join(work, wheel.name), unpacked, tell);
      fs.rmSync(sharedLibraries(), { recursive: true, force: true }); // a file of it was gone
      fs.renameSync(unpacked, sharedLibraries());
      fs.rmSync(work, { recursive: true, force: true });
      return sharedLibraries();
    },
  };
}

/**
 * Lets pip get the package, as its settings say, and check it.
 * @param {string} folder
 * @param {string} log
 * @param {(progress: string) => void} tell
 */
async function download(folder, log, tell) {
  const list = path.join(folder, "requirements.txt");
  fs.writeFileSync(list, `tensorflow-cpu==${tensorflowVersion} --hash=sha256:${wheel.sha256}\n`);
  const [, , python, abi, platform = ""] = wheel.name.replace(".whl", "").split("-");
  const options = [
    ...["--no-deps", "--only-binary=:all:", "--require-hashes", "--no-input", "--no-cache-dir"],
    ...["--implementation=cp", `--python-version=${python?.slice(2)}`, `--abi=${abi}`],
    `--platform=${platform}`,
  ];
  const temporary = path.join(folder, "pip");
  fs.rmSync(temporary, { recursive: true, force: true });
  fs.mkdirSync(temporary);
  const timer = setInterval(() => {
    const share = Math.min(99, Math.floor((sizeOf(temporary) / wheel.bytes) * 100));
    tell(`downloading ${Math.round(wheel.bytes / 1e6)} MB: ${share} %`);
  }, 500);
  try {
    await run(
      [...installer().pip, "download", ...options, "--dest", folder, "--requirement", list],
      {
        log,
        env: { TMPDIR: temporary, PIP_DISABLE_PIP_VERSION_CHECK: "1" },
        doing: "Getting TensorFlow",
        todo:
          "check the network, the free space (1.2 GB) and pip's index (`python3 -m pip config list`), then run the " +
          "command again.",
      },
    );
  } finally {
    clearInterval(timer);
  }
}

/** The bytes of what pip has taken so far. @param {string} folder */
function sizeOf(folder) {
  let bytes = 0;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    bytes += fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

/**
 * @param {string} file
 * @param {string} folder
 * @param {(progress: string) => void} tell
 */
async function unpack(file, folder, tell) {
  fs.mkdirSync(folder);
  const zip = await openZip(file);
  try {
    for await (const entry of zip.entries()) {
      const name = libraries.find((library) => entry.fileName === `tensorflow/${library}`);
      if (name === undefined) continue;
      tell(`unpacking ${name}`);
      const target = path.join(folder, name);
      await fs.promises.writeFile(target, await zip.contents(entry));
      removeSymbols(target);
    }
  } finally {
    await zip.close();
  }
}

/**
 * Cuts off what a library is not loaded with: the names of its inner functions, a quarter of it.
 * @param {string} file An ELF file of 64 bits.
 */
export function removeSymbols(file) {
  const handle = fs.openSync(file, "r+");
  try {
    const header = Buffer.alloc(64);
    fs.readSync(handle, header, 0, header.length, 0);
    const [at, size, count] = [
      header.readBigUInt64LE(32),
      header.readUInt16LE(54),
      header.readUInt16LE(56),
    ];
    const segments = Buffer.alloc(size * count);
    fs.readSync(handle, segments, 0, segments.length, Number(at));
    const ends = Array.from({ length: count }, (_, i) =>
      Number(segments.readBigUInt64LE(i * size + 8) + segments.readBigUInt64LE(i * size + 32)),
    );
    header.fill(0, 40, 48).fill(0, 60, 64); // there is no list of sections any more
    fs.writeSync(handle, header, 0, header.length, 0);
    fs.ftruncateSync(handle, Math.max(...ends));
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}
