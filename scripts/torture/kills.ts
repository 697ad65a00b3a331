/** Writers that are killed at random moments, by processes with new numbers and with numbers that come again. */
import { setTimeout as delay } from "node:timers/promises";
import { crews } from "./crews";
import { type Arena, age, checkAll, hasContainers, leftovers, openArena, start } from "./driver";
import { randomNumbers } from "./random";
import type { Section, SectionOptions, SectionResult } from "./section";

/** Processes that are killed with each crew in the long form. */
const KILLS = 80;

/** Longest wait for the moment of a kill. */
const LONGEST_MS = 4000;

/** Kills a crew again and again; then it must write to its end and leave nothing unfinished. */
async function killCrew(arena: Arena, options: SectionOptions): Promise<SectionResult> {
  const random = randomNumbers(options.seed + arena.crew);
  const faults: string[] = [];
  const kills = Math.max(2, Math.round(KILLS * options.scale));
  const see = (when: string, found: string[]) =>
    faults.push(...found.map((fault) => `${when}: ${fault}`));
  try {
    let first = 0;
    let typicalMs = 0;
    for (let kill = 1; kill <= kills; kill++) {
      const contained = hasContainers && kill % 2 === 0;
      const running = await start(arena, { first, count: 1e6, contained });
      running.begin();
      if (kill === 1) {
        const begun = performance.now();
        await running.written();
        typicalMs = performance.now() - begun;
      }
      await delay(random() * Math.min(LONGEST_MS, 2 * typicalMs));
      await running.kill();
      if (contained && random() < 0.9) age(arena);
      first += 1000 + Math.floor(random() * 7);
      see(`after kill ${kill}`, await checkAll(arena));
      if (kill % 10 === 0) options.say(`${arena.name}: ${kill} kills, ${faults.length} faults`);
    }
    age(arena);
    // The same numbers as before: what was left beside these names must go.
    const last = await start(arena, { first: 0, count: 20, contained: false });
    last.begin();
    const failure = await last.end();
    if (failure !== undefined) see("at the end", [failure]);
    see("at the end", leftovers(arena));
    see("at the end", await checkAll(arena));
    return { tried: kills * arena.writers.length, faults };
  } finally {
    arena.close();
  }
}

export const section: Section = {
  name: "kills",
  summary: "every writer cut off by `kill -9`, half of the time as process 1 of a container",
  async run(options) {
    const arenas: Arena[] = [];
    // One after the other: random numbers are one for all.
    for (const crew of crews.keys()) arenas.push(await openArena(crew));
    const results = await Promise.all(arenas.map((arena) => killCrew(arena, options)));
    return {
      tried: results.reduce((sum, { tried }) => sum + tried, 0),
      faults: results.flatMap(({ faults }) => faults),
    };
  },
};
