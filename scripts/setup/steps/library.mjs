// @ts-check
/** The library, tests and scripts, compiled from TypeScript. */
import fs from "node:fs";
import path from "node:path";
import { run } from "../command.mjs";
import { filesBelow, fingerprintTimes, isCurrent, removeStamp, writeStamp } from "../stamps.mjs";

/**
 * @param {import("../paths.mjs").Paths} paths
 * @returns {import("../runner.mjs").Step}
 */
export function libraryStep(paths) {
  const { root, build, typescript, logs } = paths;
  const made = path.join(build, "lib/index.js");
  return {
    name: "library",
    check() {
      const sources = sourcesOf(paths);
      const current = isCurrent(made, fingerprint(paths, sources)) && isComplete(paths, sources);
      return current ? undefined : "compiling …";
    },
    async run() {
      const sources = sourcesOf(paths);
      const madeFrom = fingerprint(paths, sources);
      removeStamp(made);
      removeOrphans(paths);
      await run([process.execPath, typescript, "--project", root, "--pretty", "false"], {
        cwd: root,
        log: path.join(logs, "library.log"),
        doing: "Compiling the library",
        todo: "correct the errors above (`npm run build` compiles again).",
      });
      writeStamp(made, madeFrom);
    },
  };
}

const rooms = ["lib", "test", "scripts", "examples"];

/**
 * @param {import("../paths.mjs").Paths} paths
 * @returns {string[]}
 */
function sourcesOf({ root }) {
  const isSource = (/** @type {string} */ name) => /(?<!\.d)\.ts$/.test(name);
  return rooms.flatMap((room) => filesBelow(path.join(root, room), isSource));
}

/**
 * @param {import("../paths.mjs").Paths} paths
 * @param {string[]} sources
 */
function fingerprint({ root, nodeModules }, sources) {
  const settings = [path.join(root, "tsconfig.json"), path.join(nodeModules, ".package-lock.json")];
  const lists = filesBelow(path.join(root, "lib"), (name) => name.endsWith(".json"));
  return fingerprintTimes({ facts: [], files: [...sources, ...lists, ...settings] });
}

/**
 * Whether every source has its compiled file.
 * @param {import("../paths.mjs").Paths} paths
 * @param {string[]} sources
 */
function isComplete({ root, build }, sources) {
  return sources.every((source) =>
    fs.existsSync(path.join(build, path.relative(root, source)).replace(/\.ts$/, ".js")),
  );
}

/**
 * Removes compiled files whose source is gone, so that no test or import finds them.
 * @param {import("../paths.mjs").Paths} paths
 */
function removeOrphans({ root, build }) {
  for (const room of rooms) {
    for (const file of filesBelow(path.join(build, room), (name) => name.endsWith(".js"))) {
      const source = path.join(root, path.relative(build, file)).replace(/\.js$/, ".ts");
      if (fs.existsSync(source)) continue;
      for (const extension of [".js", ".js.map", ".d.ts"]) {
        fs.rmSync(file.replace(/\.js$/, extension), { force: true });
      }
    }
  }
}
