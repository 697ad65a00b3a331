/** Processes that train together, some of which are killed. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePorts } from "../../workers/freePorts";
import type { Orders, Report } from "./messages";

/** Longer than this counts as a hang: a start of all processes on a busy machine, and a run. */
const PATIENCE_MS = 180_000;

/** A pause after each step that leaves a moment for anything to happen in. */
const PAUSE_MS = 3;

/** What is the same for all. */
type Order = Omit<Orders, "addresses" | "index" | "pauseMs">;

/** How a call of `fit` ended in one process. */
export type End = Exclude<Report, { kind: "step" }> | { kind: "gone" };

/** One process. */
class Member {
  private readonly child: ChildProcess;
  private steps = 0;
  private readonly heard: (() => void)[] = [];
  /** How the last call ended, and when. */
  private end: { end: End; at: number } | undefined;

  constructor() {
    const { TF_CONFIG: _, ...env } = process.env;
    this.child = fork(path.join(__dirname, "worker.js"), {
      env,
      execArgv: ["--enable-source-maps"],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.child.on("message", (report: Report) => {
      if (report.kind === "step") this.steps++;
      else this.end = { end: report, at: performance.now() };
      this.tell();
    });
    this.child.once("exit", () => {
      this.end ??= { end: { kind: "gone" }, at: performance.now() };
      this.tell();
    });
  }

  begin(orders: Orders): void {
    if (!this.child.connected) return; // how it ended is kept
    this.steps = 0;
    this.end = undefined;
    this.child.send(orders);
  }

  /** Waits until it has taken some steps of this call, or ended. */
  async reach(steps: number): Promise<void> {
    await this.until(() => this.steps >= steps || this.end !== undefined);
  }

  /** Waits for the call's end; undefined where it doesn't come. */
  async ended(): Promise<{ end: End; at: number } | undefined> {
    await this.until(() => this.end !== undefined);
    return this.end;
  }

  signal(signal: "SIGKILL" | "SIGSTOP"): void {
    this.child.kill(signal);
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await exit;
  }

  private async until(isSo: () => boolean): Promise<void> {
    const stop = new AbortController();
    const patience = delay(PATIENCE_MS, "over", { signal: stop.signal }).catch(() => "over");
    while (!isSo()) {
      const news = new Promise<string>((resolve) => this.heard.push(() => resolve("news")));
      if ((await Promise.race([news, patience])) === "over") break;
    }
    stop.abort();
  }

  private tell(): void {
    for (const hear of this.heard.splice(0)) hear();
  }
}

/** What is done to one of the workers. */
export interface Blow {
  /** Which of them; 0 is the chief. */
  victim: number;
  /** After so many of its steps, and so many milliseconds more. */
  steps: number;
  delayMs: number;
  /** Whether it is stopped instead of killed: it stays there and says nothing. */
  stops: boolean;
  /** Which of the others comes late to each step: it hears of the end when it is over. */
  late: number;
}

/** What the survivors of a blow said. */
export interface Aftermath {
  ends: readonly (End | undefined)[];
  /** Milliseconds until the last of them had said it. */
  ms: number;
}

/** A cluster on 127.0.0.1 whose processes stay when a call of theirs fails. */
export class Crew {
  private members: Member[];

  constructor(size: number) {
    this.members = Array.from({ length: size }, () => new Member());
  }

  /** Trains together to the end. */
  async train(orders: Order): Promise<(End | undefined)[]> {
    await this.begin(orders);
    return await this.ends();
  }

  /** Trains alone in each process. */
  async trainAlone(epochs: number): Promise<(End | undefined)[]> {
    for (const member of this.members) {
      member.begin({ addresses: [], index: 0, epochs, timeoutSeconds: 1, pauseMs: 0 });
    }
    return await this.ends();
  }

  /** Trains together until one is lost; a new process takes its place. Undefined where the run was over before. */
  async suffer(
    orders: Order,
    { victim, steps, delayMs, stops, late }: Blow,
  ): Promise<Aftermath | undefined> {
    await this.begin(orders, late);
    const lost = this.members[victim]!;
    const others = this.members.filter((member) => member !== lost);
    await lost.reach(steps);
    await delay(delayMs);
    const at = performance.now();
    lost.signal(stops ? "SIGSTOP" : "SIGKILL");
    const found = await Promise.all(others.map((other) => other.ended()));
    await lost.kill();
    this.members = this.members.map((member) => (member === lost ? new Member() : member));
    if (found.every((each) => each?.end.kind === "trained")) return undefined;
    const ms = Math.max(...found.map((each) => (each?.at ?? performance.now()) - at));
    return { ends: found.map((each) => each?.end), ms };
  }

  async close(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
  }

  /** A call is a new cluster: what a server has lost it never gets back. */
  private async begin(orders: Order, late?: number): Promise<void> {
    const ports = await freePorts(this.members.length);
    const addresses = ports.map((port) => `127.0.0.1:${port}`);
    for (const [index, member] of this.members.entries()) {
      const pauseMs = index === late ? 30 * PAUSE_MS : PAUSE_MS;
      member.begin({ ...orders, addresses, index, pauseMs });
    }
  }

  private async ends(): Promise<(End | undefined)[]> {
    return await Promise.all(this.members.map(async (member) => (await member.ended())?.end));
  }
}
