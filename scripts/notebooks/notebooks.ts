/** `npm run notebooks -- ko` writes the Korean edition of the committed notebooks to notebooks/ko/. */

import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { runCommand } from "../commands/main";
import type { Selection } from "./command";
import { readNotebook, writeNotebook } from "./compare";
import { editionFolder, type Language, translate } from "./editions";
import { listNotebooks } from "./paths";

async function main({
  folder,
  notebooks,
  isAll,
  language,
}: Selection & { language: Language }): Promise<boolean> {
  const edition = editionFolder(language, folder);
  // Everything is translated before anything is written.
  const translated = notebooks.map((name) => {
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
  const wanted = new Set(notebooks);
  for (const name of isAll ? listNotebooks(edition) : []) {
    if (!wanted.has(name)) rmSync(path.join(edition, `${name}.ipynb`));
  }
  for (const { name, notebook } of translated) {
    writeNotebook(path.join(edition, `${name}.ipynb`), notebook);
    console.log(path.relative(process.cwd(), path.join(edition, `${name}.ipynb`)));
  }
  return true;
}

runCommand("notebooks", main);
