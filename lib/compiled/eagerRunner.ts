/** Runs a model's steps on tfjs' own ops; the only runner that makes tensors of batches. */
import type { LayersModel, Tensor } from "@tensorflow/tfjs-node-gpu";
import { borrowTensor, type HostTensor, toTensor } from "../graph";
import { leavingNoTape, tf } from "../tfjs";
import { EagerStep, type TensorBatch } from "./eager";
import { checkSizes } from "./limits";
import type { Batch, ReadWeights, RunnerOptions, StepRunner } from "./step";

/** Runs `EagerStep` on the model itself, so there is nothing to pull or push. */
export class EagerRunner implements StepRunner {
  readonly kind = "eager";
  private readonly step: EagerStep;
  /** The largest batch that is known not to be too large. */
  private checked = 0;

  constructor(
    private readonly model: LayersModel,
    private readonly options: RunnerOptions & { reading: ReadWeights },
  ) {
    this.step = new EagerStep(model, options);
  }

  async train(batch: Batch): Promise<number[]> {
    this.check(batch);
    return withTensors(batch, (tensors) =>
      allNumbers(leavingNoTape(() => this.step.train(tensors))),
    );
  }

  async trainMany([batch]: readonly Batch[]): Promise<number[][]> {
    return [await this.train(batch!)];
  }

  async evaluate(batch: Batch): Promise<number[]> {
    this.check(batch);
    return withTensors(batch, (tensors) =>
      allNumbers(this.options.reading(() => this.step.evaluate(tensors))),
    );
  }

  async predict(batch: Batch): Promise<HostTensor[]> {
    this.check(batch);
    return withTensors({ ...batch, ys: [], sampleWeights: [] }, ({ xs }) =>
      // An output may be an input, or a value that a layer keeps.
      numbers(this.options.reading(() => this.step.predict(xs))).map((output) => ({
        ...output,
        data: output.data.slice(),
      })),
    );
  }

  async pull(): Promise<void> {}

  async push(): Promise<void> {}

  share(): void {}

  dispose(): void {}

  private check({ size }: Batch): void {
    if (size <= this.checked) return;
    checkSizes(this.model, { size, mode: this.options.mode });
    this.checked = size;
  }
}

/** TensorFlow may share the memory that it is given, so it gets a copy of what goes back to its owner. */
function withTensors<T>(batch: Batch, use: (tensors: TensorBatch) => T): T {
  const made: Tensor[] = [];
  const tensor = (host: HostTensor) => {
    made.push(toTensor(batch.release === undefined ? host : { ...host, data: host.data.slice() }));
    return made.at(-1)!;
  };
  const tensors = {
    xs: batch.xs.map(tensor),
    ys: batch.ys.map(tensor),
    sampleWeights: batch.sampleWeights?.map((weights) => weights && tensor(weights)),
  };
  try {
    return use(tensors);
  } finally {
    tf.dispose(made);
  }
}

/** Reads and disposes tensors, and gives their numbers one after another. */
function allNumbers(tensors: Tensor[]): number[] {
  return numbers(tensors).flatMap(({ data }) => Array.from(data as Float32Array));
}

/** Reads and disposes tensors. */
function numbers(tensors: Tensor[]): HostTensor[] {
  try {
    return tensors.map((tensor) => borrowTensor(tensor).host);
  } finally {
    tf.dispose(tensors);
  }
}
