/** Plain data from every worker to every worker, through the collectives of TensorFlow. */
import { setTimeout } from "node:timers/promises";
import { ConvnetsError } from "../errors";
import { type Call, GraphBuilder, type Place, Session } from "../graph";
import { DType } from "../tfjs";
import { type Party, sumAttrs } from "./collective";

/** Numbers of a worker in one round: the bytes that are left, and what of them goes now. */
export type Round = typeof SMALL | typeof LARGE;

/** For words, and for numbers. */
export const SMALL = 2 ** 12;
export const LARGE = 2 ** 19;

/** What a round takes to begin. */
const BEGUN_MS = 100;

/** A session whose one graph adds up a vector in which each worker has a part of its own. */
export class Exchange {
  private constructor(
    private readonly session: Session,
    private readonly call: Call,
    private readonly party: Party,
    private readonly round: Round,
  ) {}

  /** @throws GraphError when TensorFlow refuses the graph. */
  static async open(party: Party, place: Place, round: Round): Promise<Exchange> {
    const graph = new GraphBuilder();
    const shape = [party.size * round];
    const own = graph.placeholder("own", DType.int32, shape);
    const attrs = sumAttrs(party, { kind: "exchange", length: shape[0]!, dtype: DType.int32 });
    const all = graph.op("CollectiveReduce", [own], { attrs });
    const session = await Session.open(graph, { place });
    const feed = { name: own, dtype: DType.int32, shape };
    return new Exchange(session, session.prepare([feed], { fetches: [all] }), party, round);
  }

  /**
   * Gives every worker what each has given, by rank.
   *
   * @throws PartingError when a worker leaves; GraphError when one is gone, or doesn't come in time.
   */
  async gather(bytes: Uint8Array): Promise<Uint8Array[]> {
    const { party, round } = this;
    const { size, rank } = party;
    const most = 4 * (round - 1);
    const received: Uint8Array[][] = Array.from({ length: size }, () => []);
    for (let sent = 0, isOver = false; !isOver; sent += most) {
      const all = new Int32Array(size * round);
      const left = Math.max(0, bytes.byteLength - sent);
      all[rank * round] = left;
      this.part(all, rank, Math.min(left, most)).set(bytes.subarray(sent, sent + most));
      const [sum] = await this.call.run([all]);
      const sums = sum!.data as Int32Array;
      const gone = received.findIndex((_, from) => sums[from * round]! < 0);
      if (gone >= 0) {
        const reason = this.part(sums, gone, -1 - sums[gone * round]!);
        throw new PartingError(gone, Buffer.from(reason).toString());
      }
      isOver = true;
      for (const [from, parts] of received.entries()) {
        const there = sums[from * round]!;
        parts.push(this.part(sums, from, Math.min(there, most)).slice());
        if (there > most) isOver = false;
      }
    }
    return received.map((parts) => Buffer.concat(parts));
  }

  /**
   * Tells the others that this worker leaves, and makes whatever else they compute with it fail, at once and for good: a
   * round is begun, and broken off unless they have come to it.
   */
  async leave(reason: string): Promise<void> {
    const { party, round } = this;
    const all = new Int32Array(party.size * round);
    const bytes = Buffer.from(reason).subarray(0, 4 * (round - 1));
    all[party.rank * round] = -1 - bytes.byteLength;
    this.part(all, party.rank, bytes.byteLength).set(bytes);
    let isOver = false;
    const told = this.call.run([all]).then(
      () => {
        isOver = true;
      },
      () => undefined,
    );
    await Promise.race([told, setTimeout(BEGUN_MS, undefined, { ref: false })]);
    if (!isOver) this.session.abort();
    await told;
  }

  /** A worker's bytes of a round. */
  private part({ buffer, byteOffset }: Int32Array, rank: number, length: number): Uint8Array {
    return new Uint8Array(buffer, byteOffset + 4 * (rank * this.round + 1), length);
  }
}

/** A worker has told that it leaves. Never leaves the room. */
export class PartingError extends ConvnetsError {
  constructor(
    readonly rank: number,
    readonly reason: string,
  ) {
    super(`Worker ${rank} has left: ${reason}`);
  }
}
