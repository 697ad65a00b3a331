/**
 * Connections to all other workers on which nothing is said. The system ends them when a process dies, and in half a
 * minute when a machine does.
 *
 * TensorFlow alone doesn't tell all: of three in a ring one hears of it from another, and if that one has already left
 * the sum, the first waits until its timeout.
 */
import { connect } from "node:http2";
import { connect as connectSocket } from "node:net";
import { splitAddress } from "./address";
import type { Cluster } from "./cluster";

/** After so long without a word the system asks whether the other machine is there. */
const KEEP_ALIVE_MS = 10_000;

/**
 * Watches over the other workers, without keeping this process alive.
 *
 * @param onEnd Called with the rank of each that is gone.
 */
export function openLifelines({ addresses, index }: Cluster, onEnd: (rank: number) => void): void {
  for (const [rank, address] of addresses.entries()) {
    if (rank === index) continue;
    // TensorFlow's servers speak HTTP/2, and would end what doesn't.
    const session = connect(`http://${address}`, {
      createConnection: () =>
        connectSocket(splitAddress(address)).setKeepAlive(true, KEEP_ALIVE_MS),
    });
    session.on("error", () => {}); // its end comes in any case
    session.once("close", () => onEnd(rank));
    session.unref();
  }
}
