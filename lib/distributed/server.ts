/** TensorFlow's server of one worker of a cluster, and how sessions use it. */
import { EnvironmentError } from "../errors";
import { MessageWriter } from "../formats";
import type { Place } from "../graph";
import { nativeModule } from "../native";

/** The job that all workers have in TensorFlow's cluster, whatever TF_CONFIG calls them. */
const JOB = "worker";

/**
 * Bytes of a piece in which a collective's message is put together, and taken apart. TensorFlow's 4096 cost an allocation
 * for every page of the gradients; one piece for all, pages that the system clears anew for each message.
 */
const PIECE = 2 ** 16;

/** A worker among others. */
export interface Seat {
  /** `host:port` of each worker, the chief's first. */
  addresses: readonly string[];
  /** Which of them this process is. */
  rank: number;
}

/**
 * Starts this worker's server.
 *
 * @param address The one IP address of this machine that it listens on.
 * @throws EnvironmentError when TensorFlow can't, such as when the port is taken.
 */
export function startServer(seat: Seat, address: string): Place {
  const config = configOf(seat.rank);
  const native = nativeModule();
  try {
    native.listenOn(address);
    const target = native.createServer(serverDef(seat, config));
    return { target, config: config.finish() };
  } catch (cause) {
    const own = seat.addresses[seat.rank];
    throw new EnvironmentError(
      `TensorFlow's server could not be started at ${own}: ${(cause as Error).message.split("\n")[0]}`,
      { cause, hint: "If the port is taken, by an earlier run in this process too, name another." },
    );
  }
}

/** ConfigProto (tensorflow/core/protobuf/config.proto), for the server and for its sessions. */
function configOf(rank: number): MessageWriter {
  return new MessageWriter()
    .bytes(4, `/job:${JOB}/task:${rank}`) // device_filters: nodes of a graph run on this worker
    .int(15, 1) // isolate_session_state: each session has variables of its own
    .message(
      16,
      new MessageWriter()
        .bytes(1, `/job:${JOB}/replica:0/task:0`) // collective_group_leader
        .int(4, PIECE), // recv_buf_max_chunk
    );
}

/**
 * The place for graphs that compute in bfloat16. Where the processor has it, TensorFlow joins a convolution and what
 * follows to an op that its servers then refuse in bfloat16: here it leaves them apart.
 */
export function forBfloat16({ target, config }: Place): Place {
  const rewriterConfig = new MessageWriter().int(14, 2); // remapping: off
  const graphOptions = new MessageWriter().message(10, rewriterConfig);
  const apart = new MessageWriter().message(10, graphOptions).finish();
  return { target, config: Buffer.concat([config, apart]) };
}

/** ServerDef (tensorflow/core/protobuf/tensorflow_server.proto). */
function serverDef({ addresses, rank }: Seat, config: MessageWriter): Uint8Array {
  const job = new MessageWriter().bytes(1, JOB);
  for (const [task, address] of addresses.entries()) {
    job.message(2, new MessageWriter().int(1, task).bytes(2, address));
  }
  return new MessageWriter()
    .message(1, new MessageWriter().message(1, job))
    .bytes(2, JOB)
    .int(3, rank)
    .message(4, config)
    .bytes(5, "grpc")
    .finish();
}
