// @ts-check
/**
 * The native files: tfjs' binding and those of the library, compiled against the TensorFlow of .venv.
 *
 * Headers come from npm (Node's) and from TensorFlow's package, so nothing else has to be on the machine.
 * The files name TensorFlow's libraries and no place: the library opens them first (lib/native/libraries.ts), so the same
 * files serve the package, too.
 */
import fs from "node:fs";
import path from "node:path";
import { run } from "../command.mjs";
import { systemCompiler, ziglang } from "../compiler.mjs";
import { StepError } from "../errors.mjs";
import { damagedPins, forgetUnfinished, installedTensorFlow } from "../packages.mjs";
import { parseRequirements } from "../requirements.mjs";
import { filesBelow, fingerprintContents, isCurrent, writeStamp } from "../stamps.mjs";
import { pipInstall } from "./venv.mjs";

const libraries = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];
const flags = [
  "-std=c++17",
  "-O2",
  "-ffp-contract=off",
  "-fPIC",
  "-shared",
  "-fvisibility=hidden",
  "-DNAPI_VERSION=8",
];

/**
 * @typedef {object} NativeFile
 * @property {string} made
 * @property {string[]} sources C++ sources, and the headers they include by name.
 * @property {string[]} include Folders of headers of its own.
 */

/**
 * @param {import("../paths.mjs").Paths} paths
 * @returns {import("../runner.mjs").Step}
 */
export function nativeStep(paths) {
  /** @param {ReturnType<typeof plan>} planned */
  const stale = ({ fingerprint }) =>
    nativeFiles(paths).filter((file) => !isCurrent(file.made, fingerprint(file)));

  return {
    name: "native files",
    check: () => (stale(plan(paths)).length > 0 ? "compiling" : undefined),
    async run(tell) {
      const planned = plan(paths);
      const { compiler, fingerprint } = planned;
      const files = stale(planned);
      if (compiler.name === "ziglang") await installZiglang(paths, tell);
      tell(`compiling with ${compiler.name}`);
      const results = await Promise.allSettled(
        files.map(async (file) => {
          await compile(paths, file, planned);
          writeStamp(file.made, fingerprint(file));
        }),
      );
      const failed = results.find((result) => result.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      return `${files.map((file) => path.basename(file.made)).join(", ")} with ${compiler.name}`;
    },
  };
}

/**
 * tfjs' binding, where its loader looks for it, and the library's own two files.
 * @param {import("../paths.mjs").Paths} paths
 * @returns {NativeFile[]}
 */
export function nativeFiles({ binding, tfjsNode, quiet, quietSources, session, sessionSources }) {
  const sourcesIn = (/** @type {string} */ folder) =>
    filesBelow(folder, (name) => /\.(cc|h)$/.test(name));
  return [
    { made: binding, sources: sourcesIn(path.join(tfjsNode, "binding")), include: [tfjsNode] },
    { made: session, sources: sourcesIn(sessionSources), include: [] },
    { made: quiet, sources: sourcesIn(quietSources), include: [] },
  ];
}

/**
 * What to compile with, and what a result depends on.
 * @param {import("../paths.mjs").Paths} paths
 */
function plan(paths) {
  const tensorflow = installedTensorFlow(paths.venv);
  if (tensorflow === undefined) {
    throw new StepError(
      "TensorFlow is not in .venv, and the native files are compiled against it.",
      {
        todo: "remove the folder .venv and run `npm run setup`.",
      },
    );
  }
  const compiler = systemCompiler() ?? ziglang(paths.python, ziglangPin(paths).version);
  const facts = {
    tensorflow: [tensorflow.version, tensorflow.device],
    node: [process.versions.modules, process.versions.napi],
    compiler: compiler.identity,
    flags,
  };
  return {
    tensorflow,
    compiler,
    fingerprint: (/** @type {NativeFile} */ file) =>
      fingerprintContents({ facts, files: file.sources }),
  };
}

/**
 * @param {import("../paths.mjs").Paths} paths
 * @param {NativeFile} file
 * @param {ReturnType<typeof plan>} plan
 */
async function compile(paths, file, { compiler, tensorflow }) {
  const draft = `${file.made}.draft`;
  fs.mkdirSync(path.dirname(file.made), { recursive: true });
  const command = [
    ...compiler.command,
    ...flags,
    ...file.include.map((folder) => `-I${folder}`),
    `-I${path.join(tensorflow.folder, "include")}`,
    `-I${path.join(paths.nodeModules, "node-api-headers/include")}`,
    ...file.sources.filter((source) => source.endsWith(".cc")),
    "-Wl,--as-needed", // a file that uses nothing of TensorFlow must not load it
    ...libraries.map((library) => path.join(tensorflow.folder, library)),
    "-o",
    draft,
  ];
  try {
    await run(command, {
      log: path.join(paths.logs, `${path.basename(file.made)}.log`),
      env: { ZIG_GLOBAL_CACHE_DIR: path.join(paths.cache, "zig") },
      doing: `Compiling ${path.basename(file.made)}`,
      todo:
        "if the compiler is old (C++17 is needed), install a current g++ or name one with CXX=…; " +
        "`CXX=none npm run setup` compiles with the compiler that PyPI has.",
    });
    fs.renameSync(draft, file.made); // a running kernel keeps the file it has open
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

/** @param {import("../paths.mjs").Paths} paths */
function ziglangPin({ requirements }) {
  const pin = parseRequirements(fs.readFileSync(requirements, "utf8")).find(
    (p) => p.only === "compiler",
  );
  if (pin === undefined) throw new Error(`${requirements} pins no compiler`);
  return pin;
}

/**
 * @param {import("../paths.mjs").Paths} paths
 * @param {(progress: string) => void} tell
 */
async function installZiglang(paths, tell) {
  tell("no C++ compiler here: getting one from PyPI");
  const pin = ziglangPin(paths);
  const again = damagedPins([pin], paths.venv).length > 0 ? ["--force-reinstall", "--no-deps"] : [];
  forgetUnfinished([pin], paths.venv);
  await run(pipInstall(paths.python, [...again, pin.spec]), {
    log: path.join(paths.logs, "ziglang.log"),
    doing: "Installing a C++ compiler into .venv",
    todo: "install one yourself (Debian, Ubuntu: `sudo apt install g++`) and run the command again.",
  });
}
