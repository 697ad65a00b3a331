/**
 * The processes that `srun` has started together.
 *
 * Only the variables of a step are read: a batch script has SLURM_PROCID and SLURM_NTASKS as well, and is one process.
 */
import { EnvironmentError } from "../errors";

/** Ports below those that the system gives out by itself: ten for each of so many steps, which may share a node. */
const FIRST_PORT = 10_000;
const STEPS = 2000;

/**
 * The processes of this one's step.
 *
 * @param environment This process'.
 * @returns `host:port` of each and this one's place among them; undefined outside a step.
 * @throws EnvironmentError when the variables don't say which process is where.
 */
export function slurmCluster(
  environment: NodeJS.ProcessEnv,
): { addresses: string[]; index: number } | undefined {
  const {
    SLURM_STEP_NODELIST: nodeList,
    SLURM_STEP_TASKS_PER_NODE: tasksPerNode,
    SLURM_PROCID: rank,
    SLURM_LOCALID: localRank,
    SLURMD_NODENAME: node,
  } = environment;
  if (nodeList === undefined || tasksPerNode === undefined || rank === undefined) return undefined;
  const nodes = expandNodes(nodeList);
  const tasks = expandTasks(tasksPerNode);
  if (nodes === undefined || tasks === undefined || nodes.length !== tasks.length) {
    throw unclear(`SLURM_STEP_NODELIST=${nodeList}, SLURM_STEP_TASKS_PER_NODE=${tasksPerNode}`);
  }
  const places = nodes.flatMap((name, i) =>
    Array.from({ length: tasks[i] ?? 0 }, (_, local) => ({ name, local })),
  );
  const index = Number(rank);
  const own = places[index];
  // Tasks are counted node by node; with another distribution each process would have another's address.
  const isElsewhere =
    own === undefined ||
    (node !== undefined && node !== own.name) ||
    (localRank !== undefined && Number(localRank) !== own.local);
  if (isElsewhere) {
    throw unclear(`SLURM_PROCID=${rank}, SLURM_LOCALID=${localRank}, SLURMD_NODENAME=${node}`);
  }
  const step = Number(environment.SLURM_JOB_ID ?? 0) + Number(environment.SLURM_STEP_ID ?? 0);
  const port = FIRST_PORT + 10 * (step % STEPS);
  return { addresses: places.map(({ name, local }) => `${name}:${port + local}`), index };
}

function unclear(received: string): EnvironmentError {
  return new EnvironmentError(
    `Slurm's variables don't say which process is on which node. Received: ${received}`,
    { hint: "Start with `srun --distribution=block`, or set TF_CONFIG." },
  );
}

/** `gpu[01-03,7],login` as names. */
function expandNodes(text: string): string[] | undefined {
  // Commas within brackets belong to a range.
  const parts = text.match(/(?:[^,[\]]|\[[\d,-]*\])+/g) ?? [];
  if (parts.join(",") !== text) return undefined;
  const names = parts.map(expandRanges);
  return names.every((all) => all !== undefined) ? names.flat() : undefined;
}

/** One part of a list of nodes; some machines have two ranges in a name. */
function expandRanges(text: string): string[] | undefined {
  const found = /^([^[]*)\[([^\]]*)\](.*)$/.exec(text);
  if (found === null) return [text];
  const [, before = "", ranges = "", after = ""] = found;
  const rest = expandRanges(after);
  const numbers = ranges.split(",").map(expandRange);
  if (rest === undefined || !numbers.every((all) => all !== undefined)) return undefined;
  return numbers.flat().flatMap((number) => rest.map((end) => `${before}${number}${end}`));
}

/** `08-11` as numbers with the zeros that the first has. */
function expandRange(text: string): string[] | undefined {
  const [, first = "", last = first] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text) ?? [];
  const length = Number(last) - Number(first) + 1;
  if (first === "" || length < 1 || length > 100_000) return undefined;
  return Array.from({ length }, (_, i) => String(Number(first) + i).padStart(first.length, "0"));
}

/** `4(x2),3` as 4, 4, 3. */
function expandTasks(text: string): number[] | undefined {
  const counts = text.split(",").map((part) => {
    const [, tasks, nodes = "1"] = /^(\d{1,6})(?:\(x(\d{1,6})\))?$/.exec(part) ?? [];
    return tasks === undefined ? undefined : Array<number>(Number(nodes)).fill(Number(tasks));
  });
  return counts.every((all) => all !== undefined) ? counts.flat() : undefined;
}
