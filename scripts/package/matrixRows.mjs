// @ts-check
/** What the package is tried with: docs/works-with.md as programs. */

/** What is installed beside it. */
export const tools = {
  esbuild: "0.28.2",
  jest: "30.5.2",
  tsx: "4.23.15",
  "ts-node": "10.9.2",
  typescript: "5.9.3",
  "typescript-5.4": "npm:typescript@5.4.5",
  "typescript-7": "npm:typescript@7.0.2",
  vitest: "5.1.2",
};

/** Which Nodes, and what of each. */
export const nodes = { 20: "20.20.2", 22: "22.23.5", 24: "24.22.3", 26: "26.12.1" };

const yarn4 = "@yarnpkg/cli-dist@4.18.1";

/** tfjs 4.22.0 requires a package that it doesn't name, which Plug'n'Play refuses. */
const extensions = `packageExtensions:
  "@tensorflow/tfjs@4.22.0":
    dependencies:
      long: 4.0.0
`;

/**
 * A package manager besides npm: what brings it, how it installs, how it starts Node, and its settings.
 * @typedef {object} Manager
 * @property {string} tool
 * @property {string[]} install
 * @property {string[]} [node]
 * @property {string} [settings]
 */

/** @type {Record<string, Manager>} */
export const managers = {
  pnpm: { tool: "pnpm@10.30.3", install: ["pnpm", "install", "--config.auto-install-peers=false"] },
  "yarn 1": { tool: "yarn@1.22.22", install: ["yarn", "install"] },
  "yarn 4": { tool: yarn4, install: ["yarn", "install"], settings: "nodeLinker: node-modules\n" },
  "yarn 4, Plug'n'Play": {
    tool: yarn4,
    install: ["yarn", "install"],
    node: ["yarn", "node"],
    settings: `nodeLinker: pnp\n${extensions}`,
  },
};

const training = `
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  const x = tf.randomNormal([64, 2]);
  const { history } = await fit(model, [x, tf.sum(x, 1, true)], { epochs: 3, verbose: 0 });`;
const said = `console.log("epochs", history.loss.length);`;
const imports = `import { fit, tf } from "convnets";`;
const requires = `const { fit, tf } = require("convnets");`;

/** The programs, by their names. @type {Record<string, string>} */
export const files = {
  "train.mjs": `${imports}${training}${said}`,
  "train.cjs": `${requires}(async () => {${training}${said}})();`,
  "train.mts": `${imports}const kind: string = "types";${training}${said}`,
  "train.cts": `${imports}const kind: string = "types";(async () => {${training}${said}})();`,
  "types.mts": `${imports}export const zeros: tf.Tensor = tf.zeros([1]); export { fit };`,
  "vitest/one.test.mjs": `import { expect, test } from "vitest";${imports}
    test("trains", async () => {${training}expect(history.loss.length).toBe(3);});`,
  "vitest/two.test.mjs": `import { expect, test } from "vitest";${imports}
    test("trains", async () => {${training}expect(history.loss.length).toBe(3);});`,
  "jest/one.test.cjs": `${requires}
    test("trains", async () => {${training}expect(history.loss.length).toBe(3);});`,
  "jest/two.test.cjs": `${requires}
    test("trains", async () => {${training}expect(history.loss.length).toBe(3);});`,
  "jest.config.json": `{ "testMatch": ["**/jest/*.test.cjs"], "transform": {} }`,
  "threads.cjs": `const { Worker } = require("node:worker_threads");
    const run = () => new Promise((resolve, reject) =>
      new Worker("./train.cjs").on("error", reject).on("exit", resolve));
    (async () => {
      await Promise.all([run(), run()]);
      await run();
      ${requires}${training}${said}
      console.log("ended", await run());
    })();`,
  "cluster.cjs": `const cluster = require("node:cluster");
    if (cluster.isPrimary) {
      let left = 2;
      for (let i = 0; i < 2; i++) cluster.fork().on("exit", (code) => {
        if (--left === 0) console.log("ended", code);
      });
    } else {
      ${requires}(async () => {${training}${said}process.exit(0);})();
    }`,
};

const bin = (/** @type {string} */ name) => `node_modules/.bin/${name}`;
const trained = /^epochs 3$/m;

/**
 * A row: a name, commands that are run one after another, and what the last one must print.
 * @typedef {object} Row
 * @property {string} name
 * @property {string[][]} commands `node` is the row's Node.
 * @property {RegExp} prints
 * @property {number} [code] What the last command ends with; 0 by default.
 */

const types = Object.entries({ 5.4: "typescript-5.4", 5.9: "typescript", 7: "typescript-7" });
const resolutions = { node16: "node16", nodenext: "nodenext", bundler: "esnext" };

/** Those in one project, which npm has installed. @type {Row[]} */
export const rows = [
  { name: "tsx", commands: [[bin("tsx"), "train.mts"]], prints: trained },
  {
    name: "ts-node",
    commands: [["node", bin("ts-node"), "-O", '{"module":"node16"}', "train.cts"]],
    prints: trained,
  },
  ...["threads", "forks"].map((pool) => ({
    name: `vitest, ${pool}`,
    commands: [["node", bin("vitest"), "run", "--pool", pool, "--dir", "vitest"]],
    prints: /Test Files .*2 passed/,
  })),
  ...["--maxWorkers=2", "--runInBand"].map((option) => ({
    name: `Jest, ${option}`,
    commands: [["node", bin("jest"), "--config", "jest.config.json", option]],
    prints: /Test Suites: 2 passed/,
  })),
  { name: "worker threads", commands: [["node", "threads.cjs"]], prints: /epochs 3\nended 0\n$/ },
  { name: "cluster", commands: [["node", "cluster.cjs"]], prints: /epochs 3\nended 0\n$/ },
  {
    name: "esbuild, convnets external",
    commands: [
      [
        bin("esbuild"),
        ..."train.cjs --bundle --platform=node --external:convnets --outfile=out/ok.cjs".split(" "),
      ],
      ["node", "out/ok.cjs"],
    ],
    prints: trained,
  },
  {
    name: "esbuild, convnets in the bundle",
    commands: [
      [
        bin("esbuild"),
        ..."train.cjs --bundle --platform=node --external:*.node --external:sharp".split(" "),
        ..."--external:@resvg/resvg-js --outfile=out/bad.cjs --log-level=error".split(" "),
      ],
      ["node", "out/bad.cjs"],
    ],
    prints: /EnvironmentError: .*--external:convnets/,
    code: 1,
  },
  ...types.flatMap(([version, name]) =>
    Object.entries(resolutions).map(([resolution, module]) => ({
      name: `TypeScript ${version}, ${resolution}`,
      commands: [
        [
          ...["node", `node_modules/${name}/bin/tsc`, "--noEmit", "--strict", "--skipLibCheck"],
          ...["--target", "es2022", "--module", module, "--moduleResolution", resolution],
          "types.mts",
        ],
      ],
      prints: /^$/,
    })),
  ),
];
