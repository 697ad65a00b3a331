/** What the workers of a training say to each other between steps. */
import type { LayersModel } from "@tensorflow/tfjs-node-gpu";
import type { Batch } from "../compiled";
import { Mirrored, type Strategy, type WorkerGroup } from "../distributed";
import { getRandomState, setRandomState } from "../engine";
import { ConvnetsError } from "../errors";
import type { HostTensor } from "../graph";
import { keySourcesOf } from "../layers";
import { onInterrupt, openPassingLine } from "../notebook";
import { getLearningRate, restoreLearningRate } from "../optimizers";
import { allWeights, learningRateOf, optimizerOf, setIterations, tf } from "../tfjs";
import type { KeptRun } from "./callbacks";
import { hashWeights } from "./identity";
import { InterruptedError } from "./interruption";
import type { Verbosity } from "./progress";
import { type Agreement, factsOf, refuseDifferences, SAME } from "./teamFacts";

/** What a worker says of itself. */
interface Introduction {
  facts: Readonly<Record<string, unknown>>;
  watchesSteps: boolean;
  touchesSteps: boolean;
}

/** What the chief decides. */
interface Decision {
  stop: boolean;
  learningRate: number | null;
  random: ReturnType<typeof getRandomState>;
}

/** Where the chief begins. */
interface Beginning {
  iterations: number;
  keys: ReturnType<ReturnType<typeof keySourcesOf>[number]["getState"]>[];
  run: Omit<KeptRun, "callbacks"> | null;
}

/** This worker among the others, for one call. */
export class Team {
  /** Whether any worker has callbacks that act between steps: all take one step at a time then. */
  watchesSteps = false;
  /** Whether the chief has callbacks that may change the model between steps. */
  touchesSteps = false;

  private constructor(readonly group: WorkerGroup) {}

  /** Whether this worker prints, saves and decides. */
  get isChief(): boolean {
    return this.group.isChief;
  }

  /**
   * Works with the others, or alone where there are none; what fails here fails for all.
   *
   * @param options.strategy The workers', if any.
   * @param options.verbose Whether the chief says whom it waits for.
   * @throws ConvnetsError where another call has the strategy; WorkerLostError when another worker is gone;
   *   InterruptedError when stopped while it waits for others.
   */
  static async with<T>(
    { strategy, verbose }: { strategy?: Strategy; verbose?: Verbosity },
    work: (team: Team | undefined) => Promise<T>,
  ): Promise<T> {
    if (strategy === undefined || strategy instanceof Mirrored) return work(undefined);
    const giveBack = strategy.take();
    const line = verbose === 0 || !strategy.isChief ? undefined : openPassingLine();
    const interruption = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const stopListening = onInterrupt(() => {
      timer ??= setTimeout(() => interruption.abort(new InterruptedError(WAITING)), PATIENCE_MS);
    });
    try {
      const { signal } = interruption;
      const group = await strategy.join({ signal, onMissing: (text) => line?.show(text) });
      line?.end();
      if (group === undefined) return await work(undefined);
      group.begin();
      signal.addEventListener("abort", () => void group.end(signal.reason));
      return await group.guard(() => work(new Team(group)));
    } finally {
      line?.end(); // after an error, too, which names who is missing
      stopListening();
      clearTimeout(timer);
      giveBack();
    }
  }

  /**
   * Compares all workers, before the first step.
   *
   * @throws ConvnetsError when another one trains something else.
   */
  async agree(
    model: LayersModel,
    options: Agreement,
    { watchesSteps, touchesSteps } = { watchesSteps: false, touchesSteps: false },
  ): Promise<void> {
    const { gradientPrecision } = this.group;
    const facts = { ...factsOf(model), gradientPrecision, ...options };
    const own: Introduction = { facts, watchesSteps, touchesSteps };
    const all = await this.group.exchangeData(own);
    refuseDifferences(all.map((each) => each.facts));
    this.watchesSteps = all.some((each) => each.watchesSteps);
    this.touchesSteps = all[0]!.touchesSteps;
  }

  /** Begins where the chief begins. @returns The run that it goes on with, if any. */
  async begin(
    model: LayersModel,
    resumed: KeptRun | undefined,
  ): Promise<Omit<KeptRun, "callbacks"> | undefined> {
    await this.decide(model);
    const optimizer = optimizerOf(model)!;
    const { callbacks: _, ...run } = resumed ?? { callbacks: [] };
    const own: Beginning | null = this.isChief
      ? {
          iterations: optimizer.iterations,
          keys: keySourcesOf(model).map((source) => source.getState()),
          run: resumed === undefined ? null : (run as Omit<KeptRun, "callbacks">),
        }
      : null;
    const [chief] = await this.group.exchangeData(own);
    if (!this.isChief) {
      setIterations(optimizer, chief!.iterations);
      keySourcesOf(model).forEach((source, i) => {
        source.setState(chief!.keys[i]!);
      });
    }
    return chief!.run ?? undefined;
  }

  /** Takes over what the chief has decided. */
  async decide(model: LayersModel): Promise<void> {
    const hasRate = learningRateOf(optimizerOf(model)!) !== undefined;
    const own: Decision = {
      stop: model.stopTraining,
      learningRate: hasRate ? getLearningRate(model) : null,
      random: getRandomState(),
    };
    const [chief] = await this.group.exchangeData(own);
    if (this.isChief) return;
    model.stopTraining = chief!.stop;
    setRandomState(chief!.random);
    if (hasRate && chief!.learningRate !== own.learningRate) {
      restoreLearningRate(model, chief!.learningRate!);
    }
  }

  /**
   * Compares how many steps the data of each worker has.
   *
   * @returns Whether all know.
   * @throws ConvnetsError when they differ.
   */
  async agreeOnSteps(steps: number | undefined): Promise<boolean> {
    const all = await this.group.exchangeData(steps ?? null);
    const [chief] = all;
    for (const [rank, each] of all.entries()) {
      if (chief == null || each === null || each === chief) continue;
      throw new ConvnetsError(
        `The data of worker ${rank} has ${each} batches, and the chief's has ${chief}.`,
        { hint: SAME },
      );
    }
    return all.every((each) => each !== null);
  }

  /**
   * Compares the first batch of each worker.
   *
   * @throws ConvnetsError when they differ: then each would train on parts of others.
   */
  async agreeOnBatch(batch: Batch | undefined): Promise<void> {
    if (batch?.share?.hash === undefined) return;
    const all = await this.group.exchangeData(batch.share.hash);
    const rank = all.findIndex((each) => each !== all[0]);
    if (rank < 0) return;
    throw new ConvnetsError(
      `The data of worker ${rank} has another first batch than the chief's.`,
      {
        hint: "Every worker reads the same dataset in the same order: give `shuffle` a seed.",
      },
    );
  }

  /** Whether the data of any worker is at its end. */
  async isAnyOver(isOver: boolean): Promise<boolean> {
    return (await this.group.exchangeData(isOver)).includes(true);
  }

  /** The rows of all workers, of what this one has of its part of a batch. */
  async gatherRows(output: HostTensor, { share, size }: Batch): Promise<HostTensor> {
    const isEmpty = (share!.counted.data as Float32Array)[0] === 0;
    const { data } = output;
    const all = await this.group.gather(isEmpty ? new Uint8Array(0) : bytesOf(data));
    const type = data.constructor as new (length: number) => Float32Array;
    const rows = new type((data.length / size) * share!.of);
    let start = 0;
    for (const bytes of all) {
      bytesOf(rows).set(bytes, start);
      start += bytes.byteLength;
    }
    return { ...output, shape: [share!.of, ...output.shape.slice(1)], data: rows };
  }

  /** Leaves every worker with the chief's weights, which callbacks may have changed. */
  async finish(model: LayersModel): Promise<void> {
    const hash = await hashWeights(model);
    const hashes = await this.group.exchangeData(hash);
    if (hashes.every((each) => each === hashes[0])) return;
    const weights = allWeights(model);
    const own = weights.map((weight) => bytesOf(weight.read().dataSync()));
    const [all] = await this.group.gather(this.isChief ? Buffer.concat(own) : Buffer.alloc(0));
    if (this.isChief) return;
    let start = 0;
    for (const [i, weight] of weights.entries()) {
      const values = weight.read().dataSync();
      bytesOf(values).set(all!.subarray(start, start + own[i]!.byteLength));
      start += own[i]!.byteLength;
      const tensor = tf.tensor(values as Float32Array, weight.shape, weight.dtype as "float32");
      weight.write(tensor);
      tensor.dispose();
    }
  }
}

const WAITING = "Interrupted while waiting for the other workers.";

/** How long a step may go on after an interrupt. */
const PATIENCE_MS = 2000;

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
