/** Two and three processes that write to the same folders at the same time. */

import { crews } from "./crews";
import { checkAll, hasContainers, leftovers, openArena, start } from "./driver";
import type { Section, SectionOptions, SectionResult } from "./section";

/** Rounds in the long form, and writes of each writer in each process. */
const ROUNDS = 12;
const WRITES = 4;

/** Lets processes write to the same folders: all must end well, and leave what one of them would have left. */
async function crowd(crew: number, options: SectionOptions): Promise<SectionResult> {
  const faults: string[] = [];
  const rounds = Math.max(1, Math.round(ROUNDS * options.scale));
  let tried = 0;
  for (let round = 0; round < rounds; round++) {
    const together = 3 - (round % 2);
    const contained = hasContainers && round % 4 >= 2;
    const arena = await openArena(crew);
    try {
      const same = { first: 0, count: WRITES, contained };
      const running = await Promise.all(Array.from({ length: together }, () => start(arena, same)));
      for (const one of running) one.begin();
      const ends = await Promise.all(running.map((one) => one.end()));
      const found = [
        ...ends.filter((end) => end !== undefined),
        ...leftovers(arena),
        ...(await checkAll(arena)),
      ];
      faults.push(...found.map((fault) => `${together} processes: ${fault}`));
      tried += arena.writers.length;
      options.say(`${arena.name}: ${together} processes, ${found.length} faults`);
    } finally {
      arena.close();
    }
  }
  return { tried, faults };
}

export const section: Section = {
  name: "processes",
  summary:
    "two and three processes on one folder for every writer, half of the time all with number 1",
  async run(options) {
    const total: SectionResult = { tried: 0, faults: [] };
    for (const crew of crews.keys()) {
      const { tried, faults } = await crowd(crew, options);
      total.tried += tried;
      total.faults.push(...faults);
    }
    return total;
  },
};
