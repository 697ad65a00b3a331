// @ts-check
/** The commands that check, measure and break things. */
import path from "node:path";
import { root } from "../setup/paths.mjs";
import { filesBelow } from "../setup/stamps.mjs";
import { partOf } from "../test/unit.mjs";
import { seedForm } from "./forNotebooks.mjs";
import { wrong } from "./usage.mjs";

/** @typedef {import("./command.mjs").Command} Command */

const patterns = "unit tests only, in files whose path contains one of the patterns";

/** @type {Command} */
export const test = {
  does:
    "Sets everything up, then checks format, lint rules, dead code, types, comments, the unit tests, and the " +
    "notebooks against their committed outputs.",
  positionals: { shown: "[PATTERN…]", does: patterns },
  options: { unit: { does: "unit tests only" } },
  finish: ({ values, names }) => {
    const files = filesBelow(path.join(root, "test"), (name) => /\.test\.(ts|mjs)$/.test(name));
    checkPatterns(files, names);
    return { unit: values.unit === true, patterns: names };
  },
};

/** @type {Command} */
export const testNode = {
  does: "Runs the unit tests on another Node, fetched for it.",
  positionals: {
    shown: "VERSION [PATTERN…]",
    does: `the version, such as 24 or 22.12.0; then ${patterns}`,
  },
  options: {},
  finish: ({ names: [version, ...rest] }) => {
    if (version === undefined || !/^\d+(\.\d+\.\d+)?$/.test(version)) {
      wrong(`VERSION must be as 24 or 22.12.0. Received: ${version ?? "nothing"}`);
    }
    return { version, ...test.finish?.({ values: {}, names: rest }) };
  },
};

/** @type {Command} */
export const testGpu = {
  does: "Runs the tests that need a GPU; without one each is skipped, and named.",
  options: {},
  finish: () => ({}),
};

/**
 * Refuses patterns that no test's path contains.
 * @param {string[]} files
 * @param {string[]} given
 */
function checkPatterns(files, given) {
  for (const pattern of given) {
    const part = partOf(pattern);
    // As they are called once they are compiled: those are run.
    const names = files.map((file) => path.relative(root, file).replace(/\.ts$/, ".js"));
    if (names.some((name) => name.includes(part))) continue;
    const known = [...new Set(files.map((file) => path.relative(root, path.dirname(file))))];
    wrong(`No test file's path contains ${pattern}.`, { given: pattern, known });
  }
}

const whole = { form: /^[1-9]\d{0,3}$/, expected: "a whole number from 1 to 9999" };

/** The cases of the benchmark. */
export const benchCases = {
  mnist: "MNIST convnet, batch 64, whole fit",
  pictures: "180×180 convnet, batch 32, whole fit",
  augmented: "the same with augmentation and dropout",
  features: "VGG16 features, 180×180",
  mobile: "MobileNetV2 features, 180×180",
  single: "MobileNetV2 features, 180×180, one picture a call",
  finetune: "fine-tuning VGG16's last block, batch 32",
  frozen: "augmentation and a frozen MobileNetV2, batch 32",
  evaluate: "evaluate, 180×180 convnet, batch 32",
  tiny: "tiny convnet: 8 filters, 16×16, batch 8, 2,000 steps, whole fit",
  "start-mnist": "first step of fit: MNIST's convolutions, batch 64",
  "start-pictures": "first step of fit: 180×180 convnet, batch 32",
  "start-normalized": "first step of fit: four blocks with batch normalisation, 224×224, batch 8",
  "start-residual": "first step of fit: frozen ResNet50, 224×224, batch 8",
  "serving-pictures": "predict, 180×180 convnet, one picture a call",
  "serving-pictures-32": "predict, 180×180 convnet, 32 pictures a call",
  "serving-mobile": "predict, MobileNetV2 at 180×180, one picture a call",
  "serving-mobile-32": "predict, MobileNetV2 at 180×180, 32 pictures a call",
  "serving-vgg": "predict, VGG16's base at 180×180, one picture a call",
  "serving-vgg-32": "predict, VGG16's base at 180×180, 32 pictures a call",
  "serving-http": "examples/server.ts under the load of 1, 8 and 64 clients",
  residual: "training ResNet50, 224×224, batch 8, whole fit",
  efficient: "training EfficientNetB0, 224×224, batch 8, whole fit",
  gan: "a GAN's two optimizers, batch 32: compiled(fn) beside tf.function",
  "load-residual": "loadModel: ResNet50 from Keras' file",
  "load-vgg": "loadModel: VGG16 from Keras' file",
  "predict-residual": "predict, ResNet50 at 224×224, one picture a call",
  "predict-dense": "predict, DenseNet121 at 224×224, one picture a call",
  "predict-nasnet": "predict, NASNetMobile at 224×224, one picture a call",
  cached: "180×180 convnet from a cached image dataset, batch 32, whole fit",
  data: "loading 2,000 JPEG files, 180×180, batch 32, whole epoch",
  import: "Import and first op, whole process",
  workers: "several workers beside one process: CPU, bytes on the wire, and how a step grows",
};

/** Words for all cases whose names begin with them. */
const benchGroups = ["serving", "start", "load", "predict"];

/** @type {Command} */
export const bench = {
  does: "Measures this library beside Python Keras, in turns, in processes that stay.",
  script: "bench/bench",
  positionals: {
    shown: "[CASE…]",
    does: "a case, or `serving`, `start`, `load` or `predict` for all that begin so; all by default",
    check: { what: "case", names: [...Object.keys(benchCases), ...benchGroups] },
  },
  options: {
    repeats: { takes: ["N"], does: "how many runs count; 5 by default", check: whole },
    scale: { takes: ["N"], does: "makes each run N times as long; 1 by default", check: whole },
    save: { does: "puts the results on the page lib/graph/BENCHMARKS.md" },
    isa: {
      takes: ["NAME"],
      does: "lets the processor stand for a lesser one: avx2, avx512, avx512_bf16 or amx",
      check: { what: "instruction set", names: ["avx2", "avx512", "avx512_bf16", "amx"] },
    },
    profile: { does: "says which op of TensorFlow takes how long, ours and Keras', instead" },
    torch: { does: "PyTorch beside them, in an environment of its own" },
    beside: {
      takes: ["FOLDER"],
      does: "the library that another checkout has compiled beside them",
    },
  },
  list: benchCases,
  finish: ({ values, names }) => {
    for (const other of ["save", "torch", "beside"]) {
      if (values.profile && values[other]) wrong(`--profile and --${other} can't be together.`);
    }
    return benchOptions(values, names);
  },
};

/**
 * @param {Record<string, string | boolean | string[] | undefined>} values
 * @param {string[]} names
 */
function benchOptions(values, names) {
  const known = Object.keys(benchCases);
  const cases = names.flatMap((name) =>
    benchGroups.includes(name) ? known.filter((one) => one.startsWith(`${name}-`)) : name,
  );
  return {
    cases: names.length > 0 ? cases : known,
    repeats: Number(values.repeats ?? 5),
    scale: Number(values.scale ?? 1),
    save: values.save === true,
    profile: values.profile === true,
    torch: values.torch === true,
    beside: values.beside,
    isa: values.isa,
  };
}

/** The sections of the torture, in their order. */
export const tortureSections = {
  kills: "every writer cut off by `kill -9`, half of the time as process 1 of a container",
  processes:
    "two and three processes on one folder for every writer, half of the time all with number 1",
  setUp: "set-up of a small project killed at random moments, alone or with its programs",
  mutations:
    "5,000 damaged model files and features: each loads to the same numbers or is one error that names the file",
  kept: "caches, backups and archives with damaged bytes",
  disks: "every writer on a disk that is full, read-only or taken away",
  downloads: "downloads from a server that misbehaves in more than a hundred ways",
  soak:
    "100,000 steps, 1,000 fits, 1,000 loads and 10,000 predictions: at most 5 MiB of growth for 1,000 of them, " +
    "no tensor",
  workers:
    "a run of two and three workers, one of which is killed or stops at random moments: the others say so, and it goes on",
};

/** @type {Command} */
export const torture = {
  does: "Injects faults for as long as it takes, an hour or more, and says what was seen.",
  script: "torture/torture",
  positionals: {
    shown: "[SECTION…]",
    does: "a section; all by default",
    check: { what: "section", names: Object.keys(tortureSections) },
  },
  options: {
    scale: {
      takes: ["X"],
      does: "how much is tried: 0.1 is a tenth; 1 by default",
      check: { form: /^(?=.*[1-9])\d*\.?\d+$/, expected: "a number above 0" },
    },
    seed: {
      takes: ["N"],
      does: "other random moments; 1 by default",
      check: seedForm,
    },
    save: { does: "puts the figures into docs/reliability.md" },
  },
  list: tortureSections,
  finish: ({ values, names }) => ({
    sections: names,
    scale: Number(values.scale ?? 1),
    seed: Number(values.seed ?? 1),
    save: values.save === true,
  }),
};

/** @type {Command} */
export const parity = {
  does:
    "Compares this library with Python Keras, layer by layer and option by option, and losses, metrics, optimizers " +
    "and the like, and writes docs/keras-matrix.md. It takes some ten minutes.",
  script: "parity/parity",
  options: {
    only: {
      takes: ["NAME"],
      many: true,
      does:
        "a layer, a loss … by Keras' name, or a group: layers, activations, initializers, regularizers, " +
        "constraints, losses, metrics, optimizers, schedules, applications; then no page is written by itself",
    },
    applications: { does: "the families of keras.applications as well, which take longer" },
    page: { takes: ["FILE"], does: "where the page goes; docs/keras-matrix.md by default" },
  },
  finish: ({ values }) => ({
    only: values.only ?? [],
    applications: values.applications === true,
    page: values.page === undefined ? undefined : path.resolve(values.page),
  }),
};
