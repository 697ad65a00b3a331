/** What the READMEs and other pages name is there. */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { repositoryRoot } from "./support/python";

const rooms = ["lib", "test", "scripts", "notebooks", "examples", "docs"];
const files = rooms.flatMap((room) =>
  fs
    .readdirSync(path.join(repositoryRoot, room), { recursive: true, withFileTypes: true })
    .filter(({ parentPath }) => !/\/(dist|node_modules|__pycache__)(\/|$)/.test(parentPath))
    .map((entry) => path.relative(repositoryRoot, path.join(entry.parentPath, entry.name))),
);
const pages = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "data/README.md"],
  ...files.filter((file) => file.endsWith(".md") && !file.startsWith("docs/api/")),
];

/** Names of source files and folders: those between backticks, and those in maps (fences of no language). */
function namesIn(text: string): string[] {
  const fences = [...text.matchAll(/^```(\w*)\n(.*?)^```/gms)];
  const maps = fences.filter(([, language]) => language === "").map(([, , map]) => map!);
  const prose = text.replace(/^```.*?^```/gms, "");
  const quoted = [...prose.matchAll(/`([^`\s]+)`/g)].map(([, name]) => name!);
  const mapped = maps.flatMap((map) => map.split(/\s+/));
  const isFile = (name: string) => /^(?!\.\w)[\w./-]*\w\.(ts|mjs|py|cc|ipynb)$/.test(name);
  const isFolder = (name: string) => /^[a-z]\w*(\/\w+)*\/$/.test(name);
  return [...quoted, ...mapped].filter((name) => isFile(name) || isFolder(name));
}

/** Files that the commands make, so that a fresh checkout has none of them. */
const made = /^(data|out|node_modules|docs\/api|notebooks\/NAME-changed)\b/;

/** A name without folders may lie anywhere below the page's own; pages of no room speak of the whole tree. */
function isThere(page: string, name: string): boolean {
  const folder = path.dirname(page);
  const places = [folder, ".", "lib"].map((from) => path.join(repositoryRoot, from, name));
  if (places.some((place) => fs.existsSync(place))) return true;
  const below = /^(\.|docs\/.*)$/.test(folder) ? "" : `${folder}/`;
  const wanted = `/${name.replace(/\/$/, "")}`;
  return files.some((file) => file.startsWith(below) && file.endsWith(wanted));
}

test("data/README.md has the hashes of the packaged weights", () => {
  const list = path.join(repositoryRoot, "lib/applications/packagedWeights.json");
  const packages: Record<string, { file: string; sha256: string }> = JSON.parse(
    fs.readFileSync(list, "utf8"),
  );
  const text = fs.readFileSync(path.join(repositoryRoot, "data/README.md"), "utf8");
  for (const { file, sha256 } of Object.values(packages)) {
    assert.ok(text.includes(`\`${file}\``) && text.includes(`\`${sha256}\``), file);
  }
});

for (const page of pages) {
  const text = fs.readFileSync(path.join(repositoryRoot, page), "utf8");

  test(`the files that ${page} names are there`, () => {
    const gone = namesIn(text).filter((name) => !made.test(name) && !isThere(page, name));
    assert.deepEqual(gone, []);
  });

  test(`the links of ${page} lead somewhere`, () => {
    const prose = text.replaceAll(/`[^`\n]*`/g, "");
    const targets = [...prose.matchAll(/\]\((?!\w+:)([^)#\s]+)[^)]*\)/g)].map(([, to]) => to!);
    const gone = targets.filter(
      (to) => !fs.existsSync(path.resolve(repositoryRoot, path.dirname(page), to)),
    );
    assert.deepEqual(gone, []);
  });
}
