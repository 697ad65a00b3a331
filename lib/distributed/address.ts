/** Where this process listens, and whether the others do. */
import { lookup } from "node:dns/promises";
import { BlockList, connect, isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { EnvironmentError, InvalidArgumentError } from "../errors";
import { formatDuration } from "../text";
import type { Cluster } from "./cluster";

/** How long one attempt to reach a process may take. */
const ATTEMPT_MS = 2000;

/** How long to wait before the next one. */
const PAUSE_MS = 100;

/** How long others may be awaited without a word. */
const QUIET_MS = 3000;

/** How many of those who are missing are named. */
const NAMED = 3;

/** How to wait for others. */
export interface Waiting {
  /** Ends the waiting with its reason. */
  signal?: AbortSignal;
  /** Told in words who is missing, once that has lasted, and again whenever one has come. */
  onMissing?: (text: string) => void;
}

/** Options of `ownAddress`. */
export interface ListenOptions {
  /**
   * Whether a worker may have an address that the whole internet can reach. TensorFlow's servers ask for no password and
   * encrypt nothing: whoever reaches the port reads the weights and the data, and can make the process compute, read and
   * write files. Let a firewall or a VPN stand before it. @default false
   */
  allowPublicAddress?: boolean;
}

/**
 * The IP address of this machine that the cluster has for this process: all that its server may listen on.
 *
 * @throws InvalidArgumentError for a public address, unless it is allowed.
 * @throws EnvironmentError when the name can't be found, or is no address of this machine.
 */
export async function ownAddress(
  { addresses, index }: Cluster,
  { allowPublicAddress = false }: ListenOptions = {},
): Promise<string> {
  const hosts = addresses.map((address) => splitAddress(address).host);
  const own = hosts[index] ?? "";
  const found = await addressesOf(own);
  const here = localAddresses();
  const ours = found.find((address) => isLoopback(address) || here.has(address));
  if (ours === undefined) {
    throw new EnvironmentError(
      `Worker ${index} is to listen on ${own}, which is no address of this machine. Received: ${found.join(", ")}`,
      { hint: `The addresses here are ${[...here].join(", ")}.` },
    );
  }
  const open = [ours, ...hosts].find((host) => isIP(host) !== 0 && !isPrivate(host));
  if (open !== undefined && !allowPublicAddress) {
    throw new InvalidArgumentError(
      `The cluster has the public address ${open}, and TensorFlow's servers have no passwords and no encryption`,
      {
        hint: "Use addresses of a private network or a VPN; `allowPublicAddress: true` if a firewall guards the ports.",
      },
    );
  }
  if (isLoopback(ours) && hosts.some((host) => host !== own && !isLoopback(host))) {
    throw new EnvironmentError(
      `Worker ${index} is to listen on ${own}, and that is ${ours} here, where other machines can't reach it`,
      { hint: "Give IP addresses instead of names, or mend this machine's /etc/hosts." },
    );
  }
  return ours;
}

/**
 * Keeps a proxy for web pages from being asked for the workers: TensorFlow's servers would talk even to this machine's own
 * address through it.
 *
 * @param environment This process' by default; `no_grpc_proxy` is set in it where there is a proxy.
 */
export function avoidProxies(
  { addresses }: Cluster,
  environment: NodeJS.ProcessEnv = process.env,
): void {
  const { grpc_proxy, https_proxy, http_proxy, no_grpc_proxy, no_proxy } = environment;
  if (!grpc_proxy && !https_proxy && !http_proxy) return;
  // Where there is the first, the second isn't read.
  const kept = (no_grpc_proxy ?? no_proxy ?? "").split(",").filter((host) => host !== "");
  const hosts = addresses.map((address) => splitAddress(address).host);
  environment.no_grpc_proxy = [...new Set([...kept, ...hosts])].join(",");
}

/**
 * Waits until every worker listens: a server whose chief never starts would wait for ever, whatever its timeout.
 *
 * @param options.timeoutMs How long in all.
 * @throws EnvironmentError that names who is missing, and why.
 */
export async function waitForWorkers(
  { addresses, index }: Cluster,
  options: { timeoutMs: number } & Waiting,
): Promise<void> {
  const { timeoutMs, signal, onMissing } = options;
  const deadline = performance.now() + timeoutMs;
  const missing = new Map<number, string>();
  const names = () => [...missing].sort(([a], [b]) => a - b).map(([, text]) => text);
  let isLong = false;
  const tell = () => {
    if (isLong && missing.size > 0) onMissing?.(missingText(names(), addresses.length));
  };
  const wait = async (worker: number, address: string) => {
    for (;;) {
      const problem = await tryToReach(address);
      if (problem === undefined) {
        if (missing.delete(worker)) tell();
        return;
      }
      missing.set(worker, `worker ${worker} at ${address} (${problem})`);
      signal?.throwIfAborted();
      if (performance.now() + PAUSE_MS >= deadline) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  };
  const timer = setTimeout(() => {
    isLong = true;
    tell();
  }, QUIET_MS);
  try {
    await Promise.all(
      addresses.map((address, worker) => (worker === index ? undefined : wait(worker, address))),
    );
  } finally {
    clearTimeout(timer);
  }
  if (missing.size === 0) return;
  throw new EnvironmentError(
    `${missing.size} of ${addresses.length} workers don't answer after ` +
      `${formatDuration(timeoutMs / 1000, { tenths: true })}: ${names().join(", ")}`,
    { hint: "Start the same script on each of them, with the same cluster." },
  );
}

function missingText(names: readonly string[], workers: number): string {
  const more = names.length - NAMED;
  const list = names.slice(0, NAMED).join(", ");
  return `Waiting for ${names.length} of ${workers} workers: ${list}${more > 0 ? ` and ${more} more` : ""}`;
}

/** Why nobody can be reached there; undefined where somebody listens. */
function tryToReach(address: string): Promise<string | undefined> {
  const { host, port } = splitAddress(address);
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: ATTEMPT_MS });
    const end = (problem?: string) => {
      socket.destroy();
      resolve(problem);
    };
    socket.once("connect", () => end());
    socket.once("timeout", () => end("no answer"));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED") end("nothing listens there");
      else if (error.code === "ENOTFOUND") end("no such host");
      else end(error.code ?? error.message);
    });
  });
}

/** Host and port of an address; an IPv6 address without its brackets. */
export function splitAddress(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  return { host, port: Number(address.slice(colon + 1)) };
}

async function addressesOf(host: string): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  try {
    const found = await lookup(host, { all: true });
    return found.sort((a, b) => a.family - b.family).map(({ address }) => address);
  } catch (cause) {
    throw new EnvironmentError(`There is no host ${host}, which the cluster has for this process`, {
      cause,
    });
  }
}

function localAddresses(): Set<string> {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return new Set(all.map(({ address }) => address));
}

/** Networks that the internet doesn't carry: of this machine, of a building, of a VPN. */
const privateNetworks = networks([
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["169.254.0.0", 16],
  ["100.64.0.0", 10],
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
]);

const loopback = networks([
  ["127.0.0.0", 8],
  ["::1", 128],
]);

function networks(list: readonly [network: string, prefix: number][]): BlockList {
  const all = new BlockList();
  for (const [network, prefix] of list) all.addSubnet(network, prefix, family(network));
  return all;
}

function family(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

function isPrivate(address: string): boolean {
  return privateNetworks.check(address, family(address));
}

function isLoopback(host: string): boolean {
  return host === "localhost" || (isIP(host) !== 0 && loopback.check(host, family(host)));
}
