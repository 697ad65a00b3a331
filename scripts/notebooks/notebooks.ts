/** `npm run notebooks -- ko` writes the Korean edition of the committed notebooks to notebooks/ko/. */

import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { runCommand } from "./command";
import { readNotebook, writeNotebook } from "./compare";
import { editionFolder, type Language, languages, translate } from "./editions";
import { listNotebooks, notebooksFolder } from "./paths";

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { folder: { type: "string", default: notebooksFolder } },
  });
  const language = positionals[0] as Language;
  if (positionals.length !== 1 || !languages.includes(language)) {
    throw new Error(
      `Name one language: ${languages.join(", ")}. Received: ${positionals.join(" ") || "nothing"}`,
    );
  }
  const folder = path.resolve(values.folder);
  const edition = editionFolder(language, folder);
  // Everything is translated before anything is written.
  const translated = listNotebooks(folder).map((name) => {
    try {
      return {
        name,
        notebook: translate(readNotebook(path.join(folder, `${name}.ipynb`)), language),
      };
    } catch (error) {
      throw new Error(`${name}: ${(error as Error).message}`);
    }
  });
  mkdirSync(edition, { recursive: true });
  const wanted = new Set(translated.map(({ name }) => name));
  for (const name of listNotebooks(edition)) {
    if (!wanted.has(name)) rmSync(path.join(edition, `${name}.ipynb`));
  }
  for (const { name, notebook } of translated) {
    writeNotebook(path.join(edition, `${name}.ipynb`), notebook);
    console.log(path.relative(process.cwd(), path.join(edition, `${name}.ipynb`)));
  }
  return true;
}

runCommand(main);
