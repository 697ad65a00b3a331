/** Plain data from every worker to every worker, through the collectives of TensorFlow. */
import { type Call, GraphBuilder, type Place, Session } from "../graph";
import { DType } from "../tfjs";
import { type Party, sumAttrs } from "./collective";

/** Numbers of a worker in one round: the bytes that are left, and what of them goes now. */
const ROUND = 4096;
const ROUND_BYTES = 4 * (ROUND - 1);

/** A session whose one graph adds up a vector in which each worker has a part of its own. */
export class Exchange {
  private constructor(
    private readonly session: Session,
    private readonly call: Call,
    private readonly party: Party,
  ) {}

  /** @throws GraphError when TensorFlow refuses the graph. */
  static async open(party: Party, place: Place): Promise<Exchange> {
    const graph = new GraphBuilder();
    const shape = [party.size * ROUND];
    const own = graph.placeholder("own", DType.int32, shape);
    const attrs = sumAttrs(party, { kind: "exchange", length: shape[0]!, dtype: DType.int32 });
    const all = graph.op("CollectiveReduce", [own], { attrs });
    const session = await Session.open(graph, { place });
    const feed = { name: own, dtype: DType.int32, shape };
    return new Exchange(session, session.prepare([feed], { fetches: [all] }), party);
  }

  /**
   * Gives every worker what each has given, by rank.
   *
   * @throws GraphError when a worker is gone, or doesn't come in time.
   */
  async gather(bytes: Uint8Array): Promise<Uint8Array[]> {
    const { size, rank } = this.party;
    const received: Uint8Array[][] = Array.from({ length: size }, () => []);
    for (let sent = 0, most = 1; most > 0; sent += ROUND_BYTES) {
      const all = new Int32Array(size * ROUND);
      const left = Math.max(0, bytes.byteLength - sent);
      all[rank * ROUND] = left;
      bytesOf(all, rank, Math.min(left, ROUND_BYTES)).set(bytes.subarray(sent, sent + ROUND_BYTES));
      const [sum] = await this.call.run([all]);
      const sums = sum!.data as Int32Array;
      most = 0;
      for (const [from, parts] of received.entries()) {
        const there = sums[from * ROUND]!;
        parts.push(bytesOf(sums, from, Math.min(there, ROUND_BYTES)).slice());
        most = Math.max(most, there - ROUND_BYTES);
      }
    }
    return received.map((parts) => Buffer.concat(parts));
  }

  /** Ends a round that waits. */
  abort(): void {
    this.session.abort();
  }
}

/** A worker's bytes of a round. */
function bytesOf({ buffer, byteOffset }: Int32Array, rank: number, length: number): Uint8Array {
  return new Uint8Array(buffer, byteOffset + 4 * (rank * ROUND + 1), length);
}
