/** Several devices of this process on which one graph computes a step, each a part of the batch. */
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { MessageWriter } from "../formats";
import type { Place } from "../graph";
import { differentiableSum, type Party, sumOverWorkers } from "./collective";

/** The devices of a step that has a replica on each. */
export class DeviceGroup implements Party {
  readonly rank = 0;
  /** How sessions see the devices. */
  readonly place: Place;

  /** @param devices For example `["/device:GPU:0", "/device:GPU:1"]`. */
  constructor(readonly devices: readonly string[]) {
    this.place = { target: "", config: configOf(devices) };
  }

  get size(): number {
    return this.devices.length;
  }

  /** Sums over all replicas, as part of a step that is traced. */
  sum(tensors: readonly Tensor[], kind: string): Tensor[] {
    return sumOverWorkers(this, tensors, kind);
  }

  /** A sum over all replicas that gradients go through. */
  differentiableSum(tensor: Tensor, kind: string): Tensor {
    return differentiableSum(this, tensor, kind);
  }
}

/** ConfigProto (tensorflow/core/protobuf/config.proto). */
function configOf(devices: readonly string[]): Uint8Array {
  const processors = devices.flatMap((device) => {
    const [, index] = /CPU:(\d+)$/.exec(device) ?? [];
    return index === undefined ? [] : [Number(index)];
  });
  const count = new MessageWriter().bytes(1, "CPU").int(2, Math.max(0, ...processors) + 1);
  return new MessageWriter()
    .message(1, count) // device_count: a processor is as many devices as one likes
    .int(7, 1) // allow_soft_placement: what has no kernel on a GPU runs on the processor
    .finish();
}
