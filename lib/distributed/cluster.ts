/** Which processes train together, and which of them this one is. */
import { checkRecord } from "../checks";
import { InvalidArgumentError, invalidArgument } from "../errors";
import { slurmCluster } from "./slurm";

/** A process that trains: its job, and its place in the job's list. */
export interface ClusterTask {
  /** Its job. */
  type: "chief" | "worker";
  /** Its place in the list of its job, from 0. */
  index: number;
}

/** Where the processes are that train together, in TF_CONFIG's words. */
export interface ClusterOptions {
  /** `host:port` of each process, by job. @default what TF_CONFIG or Slurm says */
  cluster?: {
    /** The process that prints and saves. @default the first worker */
    chief?: readonly string[];
    /** The others. @default none */
    worker?: readonly string[];
  };
  /** Which of them this process is. @default what TF_CONFIG or Slurm says */
  task?: ClusterTask;
}

/** The processes that train together, in the same order for all of them. */
export interface Cluster {
  /** `host:port` of each, the chief first. */
  addresses: readonly string[];
  /** This process' place among them; 0 is the chief. */
  index: number;
}

/** Jobs whose processes train; the chief, where there is one, is the first of them. */
const JOBS: readonly string[] = ["chief", "worker"];

/** Jobs that Keras has besides. */
const OTHER_JOBS: Readonly<Record<string, string>> = {
  ps: "Parameter servers belong to another strategy; here every worker holds all variables.",
  evaluator: "The workers evaluate, too: give `fit` `validationData`.",
};

const EXAMPLE =
  'For example: TF_CONFIG=\'{"cluster": {"worker": ["10.0.0.1:2222", "10.0.0.2:2222"]}, ' +
  '"task": {"type": "worker", "index": 0}}\'';

/**
 * Which processes train together: what the options say, else TF_CONFIG as Keras reads it, else the step of Slurm that
 * this process belongs to.
 *
 * @param environment This process' by default.
 * @returns Undefined where nothing names other processes: this one trains alone, as in Keras.
 * @throws InvalidArgumentError for what is no cluster, has another job or an address twice, and for a task that isn't in
 *   the cluster.
 */
export function readCluster(
  options: ClusterOptions = {},
  environment: NodeJS.ProcessEnv = process.env,
): Cluster | undefined {
  const { cluster, task } = options;
  if (cluster !== undefined || task !== undefined) return clusterOf({ cluster, task }, "");
  const text = environment.TF_CONFIG ?? "";
  if (text.trim() === "") return slurmCluster(environment);
  const config = parse(text);
  // Keras' own word for no cluster.
  return Object.keys(config).length === 0 ? undefined : clusterOf(config, "TF_CONFIG.");
}

function parse(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InvalidArgumentError(`TF_CONFIG is no JSON: ${(cause as Error).message}`, {
      hint: EXAMPLE,
    });
  }
  return record("TF_CONFIG", value, "a cluster and a task");
}

/** @param prefix Stands before names in messages. */
function clusterOf(config: Record<string, unknown>, prefix: string): Cluster {
  const jobs = record(`${prefix}cluster`, config.cluster, "addresses by job");
  for (const name of Object.keys(jobs)) refuseOtherJob(`${prefix}cluster`, name);
  const lists = new Map(
    JOBS.map((job) => [job, addressesOf(`${prefix}cluster.${job}`, jobs[job])]),
  );
  const [chiefs = [], workers = []] = JOBS.map((job) => lists.get(job));
  if (chiefs.length > 1) {
    throw invalidArgument(`${prefix}cluster.chief`, { expected: "one address", received: chiefs });
  }
  const addresses = [...chiefs, ...workers];
  if (addresses.length === 0) {
    throw invalidArgument(`${prefix}cluster`, {
      expected: "an object with the addresses of a `worker` or a `chief`",
      received: config.cluster,
      hint: EXAMPLE,
    });
  }
  const twice = addresses.find((address, i) => addresses.indexOf(address) !== i);
  if (twice !== undefined) {
    throw invalidArgument(`${prefix}cluster`, {
      expected: `addresses that differ, and ${twice} is there twice`,
      received: config.cluster,
    });
  }
  return { addresses, index: indexOf(config, prefix, lists) };
}

/** This process' place among all of them. */
function indexOf(
  config: Record<string, unknown>,
  prefix: string,
  lists: ReadonlyMap<string, readonly string[]>,
): number {
  const task = record(`${prefix}task`, config.task, "a type and an index");
  const { type } = task;
  if (typeof type === "string") refuseOtherJob(`${prefix}task.type`, type);
  const list = typeof type === "string" ? lists.get(type) : undefined;
  if (list === undefined || list.length === 0) {
    const there = [...lists].filter(([, all]) => all.length > 0).map(([job]) => `"${job}"`);
    throw invalidArgument(`${prefix}task.type`, {
      expected: `a job of the cluster, ${there.join(" or ")}`,
      received: type,
    });
  }
  // Schedulers write numbers as texts, too, and Keras takes both.
  const text = String(task.index);
  if (!/^\d{1,9}$/.test(text) || Number(text) >= list.length) {
    const most = list.length - 1;
    throw invalidArgument(`${prefix}task.index`, {
      expected: most === 0 ? `0: there is one ${type}` : `a whole number from 0 to ${most}`,
      received: task.index,
    });
  }
  const before = type === "chief" ? 0 : (lists.get("chief")?.length ?? 0);
  return before + Number(text);
}

function addressesOf(name: string, list: unknown): string[] {
  if (list === undefined) return [];
  if (!Array.isArray(list)) {
    throw invalidArgument(name, { expected: "a list of addresses", received: list });
  }
  for (const [i, address] of list.entries()) {
    if (typeof address === "string" && isAddress(address)) continue;
    throw invalidArgument(`${name}[${i}]`, {
      expected: "a host and a port, such as 10.0.0.1:2222, node1:2222 or [fd00::1]:2222",
      received: address,
    });
  }
  return list;
}

function isAddress(address: string): boolean {
  const [, port] = /^(?:\[[\da-fA-F:.]+\]|[\w.-]+):(\d{1,5})$/.exec(address) ?? [];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}

function refuseOtherJob(name: string, job: string): void {
  if (JOBS.includes(job)) return;
  throw new InvalidArgumentError(
    `\`${name}\` has a job that doesn't train: the jobs are ${JOBS.join(" and ")}. Received: "${job}"`,
    { hint: Object.hasOwn(OTHER_JOBS, job) ? OTHER_JOBS[job] : undefined },
  );
}

function record(name: string, value: unknown, what: string): Record<string, unknown> {
  if (value === undefined) {
    throw invalidArgument(name, {
      expected: `an object of ${what}`,
      received: value,
      hint: EXAMPLE,
    });
  }
  checkRecord(name, value, { what });
  return value as Record<string, unknown>;
}
