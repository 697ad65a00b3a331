import assert from "node:assert/strict";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { before, describe, it } from "node:test";
import { repository } from "../../scripts/notebooks/paths";
import { temporaryFolder } from "../support/temporaryFolder";
import { filesBelow, type Modules, readModules } from "./modules";
import {
  circles,
  floors,
  missingPlaces,
  passedDoors,
  scriptsOnWrongGround,
  strayRooms,
  upwardArrows,
  wrongPicture,
} from "./rules";

/** Casts past the compiler outside lib/tfjs, which alone may know what tfjs' declarations hide. */
const MOST_CASTS = 2;

/** Folders of test/ that are about no room of lib. */
const OTHER_TESTS = [
  "browser",
  "examples",
  "faults",
  "fixtures",
  "notebooks",
  "scripts",
  "parity",
  "structure",
  "support",
  "types",
];

const readme = () => readFileSync(path.join(repository, "lib/README.md"), "utf8");

describe("the house", () => {
  let house: Modules;

  before(async () => {
    house = await readModules(repository, ["lib", "scripts", "test"]);
  });

  it("has every room of lib on a floor", () => {
    assert.deepEqual(strayRooms(house), []);
  });

  it("has arrows that point down only", () => {
    assert.deepEqual(upwardArrows(house), []);
  });

  it("has no circle of files, types included", () => {
    assert.deepEqual(circles(house), []);
  });

  it("is entered through its rooms' doors", () => {
    assert.deepEqual(passedDoors(house), []);
  });

  it("has scripts that don't need the tests, and a set-up that needs no packages", () => {
    assert.deepEqual(scriptsOnWrongGround(house), []);
  });

  it("is drawn in lib/README.md as it stands", () => {
    assert.deepEqual(wrongPicture(repository, readme()), []);
  });

  it("names no file of its own in comments and READMEs that isn't there", () => {
    const all = ["lib", "scripts", "test"].flatMap((folder) => filesBelow(repository, folder));
    const texts = all.filter((file) => /\.(md|ts|mjs|cc|h)$/.test(file));
    const pages = readdirSync(repository).filter((file) => file.endsWith(".md"));
    assert.deepEqual(missingPlaces(repository, [...pages, ...texts]), []);
  });

  it("casts past the compiler outside lib/tfjs a handful of times at most", () => {
    const casts = house.casts.filter(({ file }) => /^lib\/(?!tfjs\/)/.test(file));
    const list = casts.map(({ file, line }) => `${file}:${line}`).join("\n");
    assert.ok(casts.length <= MOST_CASTS, `${casts.length} times "as unknown as":\n${list}`);
  });

  // lib has a package.json, so that the bare folder means what an earlier build declared: ../lib/dist.
  it("is compiled against its sources: imports name lib/index, not the folder", () => {
    const files = ["test", "scripts", "examples"].flatMap((folder) =>
      filesBelow(repository, folder).filter((file) => file.endsWith(".ts")),
    );
    const folderImport = /(from|import\(|require\()\s*"(\.\.\/)+lib"/;
    assert.match(['import { fit } from "../../', 'lib";'].join(""), folderImport);
    assert.deepEqual(
      files.filter((file) => folderImport.test(readFileSync(path.join(repository, file), "utf8"))),
      [],
    );
  });

  it("has its tests in the tree of lib", () => {
    const rooms = new Set([...floors.flat(), ...OTHER_TESTS]);
    const folders = readdirSync(path.join(repository, "test"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    assert.deepEqual(
      folders.filter((name) => !rooms.has(name)),
      [],
    );
  });
});

describe("what is planted in a copy of the house is named", () => {
  /** Reads a copy of lib and scripts, without the tests, in which some lines were added to some files. */
  async function planted(lines: Record<string, string>, root?: string): Promise<Modules> {
    using folder = temporaryFolder();
    root ??= folder.path;
    for (const folder of ["lib", "scripts"]) {
      cpSync(path.join(repository, folder), path.join(root, folder), {
        recursive: true,
        filter: (source) => path.basename(source) !== "dist",
      });
    }
    mkdirSync(path.join(root, "test"));
    for (const [file, text] of Object.entries(lines)) {
      mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
      appendFileSync(path.join(root, file), `\n${text}\n`);
    }
    return await readModules(root, ["lib", "scripts", "test"]);
  }

  describe("upwards", () => {
    const forms = {
      "an import": 'import { fit } from "../training";',
      "an import for its effects": 'import "../training";',
      "an import of a type": 'import type { FitOptions } from "../training";',
      "an export": 'export { fit } from "../training";',
      "an export of everything": 'export * from "../training";',
      "a type in place": 'export type Fit = typeof import("../training").fit;',
      "a dynamic import": 'export const later = () => import("../training");',
      require: 'const { fit } = require("../training");',
      "import with require": 'import training = require("../training");',
      "a dynamic import in backticks": "export const later = () => import(`../training`);",
      "require in backticks": "const { fit } = require(`../training`);",
      "module and require": 'const { fit } = module.require("../training");',
      "what is added to a module": 'declare module "../training" { interface More {} }\nexport {};',
    };
    const fileOf = (form: string) => `lib/files/${form.replaceAll(" ", "-")}.ts`;
    let found: string[];

    before(async () => {
      const lines = Object.entries(forms).map(([form, line]) => [fileOf(form), line]);
      found = upwardArrows(await planted(Object.fromEntries(lines)));
    });

    for (const form of Object.keys(forms)) {
      it(form, () => {
        const sentence = `${fileOf(form)}:2 imports lib/training/index.ts: training is above it`;
        assert.ok(found.includes(sentence), found.join("\n"));
      });
    }
  });

  it("between rooms of one floor, and out of the library", async () => {
    const found = upwardArrows(
      await planted({
        "lib/graph/trace.ts": 'import "../optimizers";',
        "lib/plot/show.ts": 'import "../../scripts/bench/report";',
      }),
    );
    assert.equal(found.length, 2, found.join("\n"));
    assert.match(found[0] ?? "", /^lib\/graph\/trace\.ts:\d+ .* optimizers is on its own floor$/);
    assert.match(found[1] ?? "", /^lib\/plot\/show\.ts:\d+ .*, outside the library$/);
  });

  it("the library by its own name", async () => {
    const house = await planted({
      "lib/files/own.ts": 'export type Fit = import("convnets").FitOptions;',
    });
    assert.deepEqual(upwardArrows(house), ["lib/files/own.ts:2 imports the library itself"]);
  });

  it("a circle of two files, one way by a type", async () => {
    const found = circles(
      await planted({
        "lib/plot/one.ts": 'import "./two";\nexport type One = 1;',
        "lib/plot/two.ts": 'import type { One } from "./one";',
      }),
    );
    assert.deepEqual(found, ["a circle of 2 files: lib/plot/one.ts, lib/plot/two.ts"]);
  });

  it("a circle through a room's own door", async () => {
    const found = circles(
      await planted({
        "lib/files/index.ts": 'export * from "./third";',
        "lib/files/third.ts": 'import ".";',
      }),
    );
    assert.deepEqual(found, ["a circle of 2 files: lib/files/index.ts, lib/files/third.ts"]);
  });

  it("imports past a door: of a room, of an inner room, of a public.ts, from a script, from a test", async () => {
    const found = passedDoors(
      await planted({
        "lib/training/fit.ts": 'import "../plot/show";\nimport "./callbacks/list";',
        "lib/training/predict.ts": 'import "../layers/public";',
        "scripts/bench/report.ts": 'import "../../lib/training/fit";',
        "scripts/bench/side.ts": 'import "../../lib/training";\nimport "../../lib";',
        "test/plot/show.test.ts": 'import "../../lib/plot/show";\nimport "../../lib/files/hash";',
      }),
    );
    assert.deepEqual(
      found.map((text) => text.replace(/:\d+ /, " ")),
      [
        "lib/training/fit.ts imports lib/plot/show.ts, past lib/plot/index.ts",
        "lib/training/fit.ts imports lib/training/callbacks/list.ts, past lib/training/callbacks/index.ts",
        "lib/training/predict.ts imports lib/layers/public.ts, past lib/layers/index.ts",
        "scripts/bench/report.ts imports lib/training/fit.ts, past lib/training/index.ts",
        "test/plot/show.test.ts imports lib/files/hash.ts, past lib/files/index.ts",
      ],
    );
  });

  it("a set-up that needs a package, and a script that needs a test", async () => {
    const found = scriptsOnWrongGround(
      await planted({
        "scripts/setup/index.mjs": 'import "sharp";',
        "scripts/bench/report.ts": 'import "../../test/support/python";',
      }),
    );
    assert.equal(found.length, 2, found.join("\n"));
    assert.match(found[0] ?? "", /^scripts\/bench\/report\.ts:\d+ imports test\/support\/python/);
    assert.match(
      found[1] ?? "",
      /^scripts\/setup\/index\.mjs:\d+ imports sharp, which isn't there/,
    );
  });

  it("a cast, also one in brackets and over two lines", async () => {
    const { casts } = await planted({
      "lib/errors.ts": "export const n = (([] as unknown) as\n  number) + ([] as never);",
    });
    assert.equal(casts.filter(({ file }) => file === "lib/errors.ts").length, 1);
  });

  it("a room that no floor and no picture has", async () => {
    using folder = temporaryFolder();
    const house = await planted({ "lib/attic/index.ts": "export {};" }, folder.path);
    assert.deepEqual(strayRooms(house), [
      "lib/attic stands on no floor: name it in test/structure/rules.ts",
    ]);
    assert.deepEqual(wrongPicture(house.root, readme()), ["the picture lacks lib/attic"]);
  });

  it("a file that a comment or a README names and that has moved", () => {
    using folder = temporaryFolder();
    const gone = "lib/gone.ts"; // this file is looked at, too: no comment here may name it
    writeFileSync(folder.join("a.ts"), `import "${gone}"; // https://example.org/${gone}`);
    writeFileSync(folder.join("b.ts"), `/* see ${gone} */`);
    writeFileSync(folder.join("a.md"), `\`${gone}\` and \`a.md\`, and lib/ itself`);
    assert.deepEqual(missingPlaces(folder.path, ["a.ts", "b.ts", "a.md"]), [
      "b.ts names lib/gone.ts, which isn't there",
      "a.md names lib/gone.ts, which isn't there",
    ]);
  });

  it("a picture with a room too many, one too few inside a room, and two in the wrong order", () => {
    const wrong = (from: string, to: string) => {
      assert.ok(readme().includes(from));
      return wrongPicture(repository, readme().replace(from, to));
    };
    assert.deepEqual(wrong("\n  engine/ ", "\n  cellar/\n  engine/ "), [
      "the picture shows lib/cellar, which isn't there",
    ]);
    assert.deepEqual(wrong("    callbacks/ ", "    callback/ "), [
      "the picture shows lib/training/callback, which isn't there",
      "the picture lacks lib/training/callbacks",
    ]);
    assert.deepEqual(wrong("\n  errors.ts ", "\n  saving/\n  errors.ts "), [
      "the picture shows saving below checks, and it is above it",
    ]);
    assert.deepEqual(wrong("\nlib/\n", "\nlibrary/\n"), ["lib/README.md has no picture of lib/"]);
  });
});
