// @ts-check
/**
 * The native files: tfjs' binding and the project's own session, compiled against the TensorFlow of .venv.
 *
 * Headers come from npm (Node's) and from TensorFlow's package, so nothing else has to be on the machine.
 * The libraries are found by a path relative to the file, so a checkout can be moved.
 */
import fs from "node:fs";
import path from "node:path";
import { run } from "../command.mjs";
import { systemCompiler, ziglang } from "../compiler.mjs";
import { StepError } from "../errors.mjs";
import { installedTensorFlow, parseRequirements } from "../requirements.mjs";
import { filesBelow, fingerprintContents, isCurrent, writeStamp } from "../stamps.mjs";
import { pipInstall } from "./venv.mjs";

const libraries = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"];
const flags = ["-std=c++17", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-DNAPI_VERSION=8"];

/**
 * @typedef {object} NativeFile
 * @property {string} made
 * @property {string[]} sources C++ sources and the headers they include by name.
 * @property {string[]} include Folders of headers of its own.
 */

/**
 * tfjs' binding, under the name and place where its loader looks.
 * @param {import("../paths.mjs").Paths} paths
 * @returns {import("../runner.mjs").Step}
 */
export function bindingStep(paths) {
  return nativeStep("tfjs binding", paths, () => ({
    made: paths.binding,
    sources: [
      ...filesBelow(path.join(paths.tfjsNode, "binding"), isSource),
      path.join(paths.root, "scripts/setup/native/log_level.cc"),
    ],
    include: [paths.tfjsNode],
  }));
}

/**
 * The project's own native file, from every C++ source in its folder.
 * @param {import("../paths.mjs").Paths} paths
 * @returns {import("../runner.mjs").Step}
 */
export function sessionStep(paths) {
  return nativeStep("native session", paths, () => ({
    made: paths.session,
    sources: filesBelow(paths.sessionSources, isSource),
    include: [],
  }));
}

/** @param {string} name */
const isSource = (name) => /\.(cc|h)$/.test(name);

/**
 * @param {string} name
 * @param {import("../paths.mjs").Paths} paths
 * @param {() => NativeFile} describe
 * @returns {import("../runner.mjs").Step}
 */
function nativeStep(name, paths, describe) {
  return {
    name,
    check() {
      const file = describe();
      if (file.sources.length === 0) return undefined;
      const { fingerprint } = plan(paths, file);
      return isCurrent(file.made, fingerprint) ? undefined : "compiling …";
    },
    async run(tell) {
      const file = describe();
      const { compiler, fingerprint, tensorflow } = plan(paths, file);
      if (compiler.identity.startsWith("ziglang")) await installZiglang(paths, tell);
      const draft = `${file.made}.${process.pid}.draft`;
      fs.mkdirSync(path.dirname(file.made), { recursive: true });
      tell(`${compiler.identity.split(" ")[0]} …`);
      try {
        await run([...compiler.command, ...compileArguments(paths, file, tensorflow), "-o", draft], {
          log: path.join(paths.logs, `${path.basename(file.made, ".node")}.log`),
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
      writeStamp(file.made, fingerprint);
      return compiler.identity.replace(/ \d+ [\d.]+$/, "");
    },
  };
}

/**
 * What to compile with, and what the result depends on.
 * @param {import("../paths.mjs").Paths} paths
 * @param {NativeFile} file
 */
function plan(paths, file) {
  const tensorflow = installedTensorFlow(paths.venv);
  if (tensorflow === undefined) {
    throw new StepError("TensorFlow is not in .venv, and the native files are compiled against it.", {
      todo: "remove the folder .venv and run `npm run setup`.",
    });
  }
  const compiler = systemCompiler() ?? ziglang(paths.python, ziglangPin(paths).version);
  const fingerprint = fingerprintContents({
    facts: {
      tensorflow: [tensorflow.version, tensorflow.device, path.relative(paths.root, tensorflow.folder)],
      node: [process.versions.modules, process.versions.napi],
      compiler: compiler.identity,
      flags,
    },
    files: file.sources,
  });
  return { tensorflow, compiler, fingerprint };
}

/**
 * @param {import("../paths.mjs").Paths} paths
 * @param {NativeFile} file
 * @param {{ folder: string }} tensorflow
 */
function compileArguments(paths, file, tensorflow) {
  const fromFile = path.relative(path.dirname(file.made), tensorflow.folder);
  return [
    ...flags,
    ...file.include.map((folder) => `-I${folder}`),
    `-isystem${path.join(tensorflow.folder, "include")}`,
    `-isystem${path.join(paths.nodeModules, "node-api-headers/include")}`,
    ...file.sources.filter((source) => source.endsWith(".cc")),
    ...libraries.map((library) => path.join(tensorflow.folder, library)),
    `-Wl,-rpath,$ORIGIN/${fromFile}`,
  ];
}

/** @param {import("../paths.mjs").Paths} paths */
function ziglangPin({ requirements }) {
  const pin = parseRequirements(fs.readFileSync(requirements, "utf8")).find((p) => p.only === "compiler");
  if (pin === undefined) throw new Error(`${requirements} pins no compiler`);
  return pin;
}

/**
 * @param {import("../paths.mjs").Paths} paths
 * @param {(progress: string) => void} tell
 */
async function installZiglang(paths, tell) {
  tell("no C++ compiler here: getting one from PyPI");
  await run(pipInstall(paths.python, [ziglangPin(paths).spec]), {
    log: path.join(paths.logs, "ziglang.log"),
    doing: "Installing a C++ compiler into .venv",
    todo: "install one yourself (Debian, Ubuntu: `sudo apt install g++`) and run the command again.",
  });
}
