/** The strategy of several devices in one process. */
import { type KnownOptions, rejectUnknownOptions } from "../checks";
import { InvalidArgumentError, invalidArgument } from "../errors";
import { nativeModule } from "../native";
import { DeviceGroup } from "./deviceGroup";

/** Options of `mirrored`. */
export interface MirroredOptions {
  /**
   * The devices, such as `["GPU:0", "GPU:1"]`; TensorFlow's longer spellings will do, too. `["CPU:0", "CPU:1"]` is one
   * processor under two names, to try things out. @default all GPUs of this machine, or its processor
   */
  devices?: readonly string[];
}

const known: KnownOptions<MirroredOptions> = { devices: true };

/** How a model is trained on several devices of one machine. @see mirrored */
export class Mirrored {
  /** The devices, the first of which has the variables. */
  readonly devices: readonly string[];
  /** What computes together; undefined where nothing was named and there is one device. @internal */
  readonly group: DeviceGroup | undefined;

  /** Made by `mirrored`. */
  constructor(options: MirroredOptions) {
    rejectUnknownOptions(options, known, "mirrored");
    const { devices } = options;
    this.devices = devices === undefined ? allDevices() : named(devices);
    const isPlain = devices === undefined && this.devices.length === 1;
    this.group = isPlain
      ? undefined
      : new DeviceGroup(this.devices.map((device) => `/device:${device}`));
  }

  /** How many devices train. */
  get size(): number {
    return this.devices.length;
  }
}

/**
 * Trains a model on several devices of one machine, in one process: each computes its part of every batch, and what
 * comes out is what one device would with whole batches.
 *
 * The variables are on the first device. Every step gives them to the others and takes their gradients, which are summed
 * before the update, so there is never more than one state of the weights. A BatchNormalization looks at its own
 * device's part of the batch, unless it is made with `synchronized: true`, and its moving statistics are averaged.
 *
 * **Tried on virtual processors only**: no machine with several GPUs was at hand. It computes right on those; whether
 * GPUs are faster by it is not known. Two names of one processor are no faster than one.
 *
 * @param options Which devices.
 * @returns For the option `strategy` of `fit`, `evaluate` and `predict`, as often and for as many at once as wanted.
 * @throws InvalidArgumentError for a device that isn't there, or is named twice.
 * @example
 * import { fit, mirrored, tf } from "convnets";
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * model.compile({ optimizer: "adam", loss: "meanSquaredError" });
 * const data: [tf.Tensor, tf.Tensor] = [tf.randomNormal([64, 2]), tf.zeros([64, 1])];
 * const strategy = mirrored({ devices: ["CPU:0", "CPU:1"] }); // GPUs by default
 * await fit(model, data, { epochs: 3, strategy });
 * @see https://www.tensorflow.org/api_docs/python/tf/distribute/MirroredStrategy
 */
export function mirrored(options: MirroredOptions = {}): Mirrored {
  return new Mirrored(options);
}

/** Virtual processors beyond this are a slip. */
const MOST_PROCESSORS = 64;

/** All GPUs that TensorFlow finds, or the processor. */
function allDevices(): string[] {
  const gpus = gpusHere();
  return gpus.length > 0 ? gpus : ["CPU:0"];
}

function gpusHere(): string[] {
  return nativeModule()
    .listDevices()
    .flatMap((name) => /(?<=\/device:)GPU:\d+$/.exec(name) ?? []);
}

/** The devices as TensorFlow names them, checked. */
function named(devices: unknown): string[] {
  if (!Array.isArray(devices) || devices.length === 0) {
    throw invalidArgument("devices", {
      expected: 'a list of devices, such as ["GPU:0", "GPU:1"]',
      received: devices,
    });
  }
  const names = devices.map(nameOf);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw invalidArgument("devices", {
      expected: `devices that differ, and ${twice} is there twice`,
      received: devices,
    });
  }
  const gpus = names.filter((name) => name.startsWith("GPU"));
  const here = gpus.length === 0 ? [] : gpusHere();
  const missing = gpus.find((name) => !here.includes(name));
  if (missing !== undefined) {
    const found =
      here.length === 0 ? "TensorFlow finds no GPU here" : `there are ${here.join(", ")}`;
    throw new InvalidArgumentError(`\`devices\` has ${missing}, and ${found}.`);
  }
  return names;
}

function nameOf(device: unknown, i: number): string {
  const [, kind, index] =
    (typeof device === "string" && /^\/?(?:device:)?(cpu|gpu):(\d{1,3})$/i.exec(device)) || [];
  if (kind !== undefined && (kind.toUpperCase() === "GPU" || Number(index) < MOST_PROCESSORS)) {
    return `${kind.toUpperCase()}:${Number(index)}`;
  }
  throw invalidArgument(`devices[${i}]`, {
    expected: `a GPU or a CPU by its number, such as "GPU:1", of CPUs less than ${MOST_PROCESSORS}`,
    received: device,
  });
}
