/**
 * A process in which a crew of writers is at work, to be killed: `node writerProcess.js CREW FOLDER FIRST COUNT`.
 *
 * It says `ready`, begins at a line on its standard input, and says `done` when each writer has written once.
 */
import { once } from "node:events";
import path from "node:path";
import { crews } from "./crews";

async function main(crew: number, folder: string, first: number, count: number): Promise<void> {
  process.stdout.write("ready\n");
  await once(process.stdin, "data");
  const writers = crews[crew] ?? [];
  let left = writers.length;
  const work = writers.map(async (writer, i) => {
    try {
      for (let n = first; n < first + count; n++) {
        await writer.write(path.join(folder, `${i}`), n);
        if (n === first && --left === 0) process.stdout.write("done\n");
      }
    } catch (cause) {
      throw new Error(`${writer.name}: ${(cause as Error).message}`, { cause });
    }
  });
  await Promise.all(work);
}

const [crew, folder = "", first, count] = process.argv.slice(2);
main(Number(crew), folder, Number(first), Number(count)).then(
  () => process.exit(), // and not when something else is at its end: a process may end like this, too
  (error: Error) => {
    console.error(error);
    process.exit(1);
  },
);
